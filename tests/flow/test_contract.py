"""Equipment on and off, prices from a day, policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import Refused, UsageError
from fsconsole.flow.contradicting import in_words
from fsconsole.store.rows import fetch_all
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def test_new_equipment_has_included_what_the_other_has(acme: Company) -> None:
    acme.do("asset acme boiler serial:21-0094 @hq")
    assert acme.do("cover C204 21-0094").words == "boiler s/n 21-0094 is on LDN-C204 from today: labour, parts, call-out included"
    with pytest.raises(Refused, match="already"):
        acme.do("cover C204 21-0094")


def test_equipment_taken_off_is_covered_until_that_day(acme: Company) -> None:
    acme.do("drop C204 21-0093 fri")
    assert "contract LDN-C204 covers" in acme.do("log acme boiler down #21-0093").words
    acme.wait(4 * 24 * 60)
    assert "contract LDN-C204 covers" not in acme.do("log acme boiler down #21-0093").words
    with pytest.raises(Refused, match="not on LDN-C204"):
        acme.do("drop C204 21-0093")


def test_a_price_holds_from_today_and_keeps_its_steps(acme: Company) -> None:
    assert acme.do("rate labour 80.00").words == "labour is £80.00 an hour from today (until now £72.00)"
    acme.do("rate labour 82.00")
    rates = sorted(
        (rate.start is not None, rate.amount, rate.step_minutes) for rate in fetch_all(acme.store, "rate", "kind = 'labour'")
    )
    assert rates == [(False, 7200, 15), (True, 8200, 15)]
    assert acme.do("rate no-access 30 acme").words == "no access for Acme Ltd is £30.00 each time"


def test_a_policy_is_read_by_its_type_and_holds_from_today(acme: Company) -> None:
    assert acme.do("policy repeat_days 14").words == "repeat_days is 14 from today (it was 30)"
    assert acme.do("policy card_required no").words == "card_required is no from today (it was yes)"
    assert acme.do("policy silent_minutes on site=30, en route=10").words.startswith("silent_minutes is on site=30, en route=10")
    assert acme.do("policy cut_over 2026-01-01").words == "cut_over is 2026-01-01 from today (it was none)"
    with pytest.raises(Refused, match="already"):
        acme.do("policy repeat_days 14")
    with pytest.raises(UsageError, match="a whole number"):
        acme.do("policy repeat_days soon")
    with pytest.raises(UsageError, match="no policy") as told:
        acme.do("policy repeat_day 14")
    assert told.value.instead == "Did you mean repeat_days?"
    with pytest.raises(UsageError, match="repeat_days is 14: A second call"):
        acme.do("policy repeat_days")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("two terms named care overlap in Mar 2026"), "two terms named care overlap in Mar 2026"),
        (ValueError("too many values to unpack (expected 3)"), "a figure or a day of it cannot be read"),
        (KeyError("share"), "a figure or a day of it cannot be read"),
    ],
)
def test_a_contradiction_is_told_in_our_sentences_never_in_pythons(error: Exception, told: str) -> None:
    assert in_words(error) == told
