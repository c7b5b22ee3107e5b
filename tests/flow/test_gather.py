"""What is gathered for the rules, and at what cost."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

from fsconsole.flow.gather import closed_days


def test_a_country_s_holidays_load_no_other_country() -> None:
    program = (
        "import sys; from fsconsole.flow.gather import closed_days; print(len(closed_days('GB-SCT', (2026,))));"
        "print(*sorted(name for name in sys.modules if name.startswith('holidays.countries.')))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert int(said[0]) > 5
    assert said[1:] == ["holidays.countries.united_kingdom"]


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    england, scotland = closed_days("GB-ENG", (2026,)), closed_days("GB-SCT", (2026,))
    assert date(2026, 12, 25) in england & scotland
    assert date(2026, 4, 6) in england - scotland  # Easter Monday
    assert date(2026, 1, 2) in scotland - england


def test_a_country_that_nobody_knows_has_no_holidays() -> None:
    assert closed_days("XX", (2026,)) == closed_days("", (2026,)) == frozenset()
