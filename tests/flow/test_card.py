"""What was done: cards, time, parts, sign-off."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import Refused, UsageError
from fsconsole.store.rows import fetch_all
from tests.company import Company, company


@pytest.fixture
def done(tmp_path: Path) -> Company:
    one = company(tmp_path)
    one.do("d 1008 ben", "en ben", "a ben")
    one.wait(90)
    one.do("c ben")
    return one


def test_a_card_completes_nothing_by_itself(tmp_path: Path) -> None:
    one = company(tmp_path)
    one.do("d 1008 ben", "en ben", "a ben", 'card 1008 found:"fuse gone" replaced it')
    assert one.column("LDN-1008") == "on site"
    (card,) = fetch_all(one.store, "card")
    assert (card.found, card.done, card.technician) == ("fuse gone", "replaced it", one.ids["ben"])


def test_time_starts_when_they_arrived_and_travel_when_they_set_out(done: Company) -> None:
    done.do("labour 1008 1h35 found it hard", "labour 1008 25 travel")
    work, travel = sorted(fetch_all(done.store, "labour"), key=lambda entry: entry.kind)
    assert (work.minutes, work.note, work.technician) == (95, "found it hard", done.ids["ben"])
    assert f"{work.start:%H:%M} {travel.start:%H:%M}" == "09:02 09:01"


def test_a_part_is_known_by_its_code_or_taken_as_it_was_said(done: Company) -> None:
    assert "2 × Printed circuit board at £249.00" in done.do("part 1008 pcb-77 x2").words
    assert "has no price yet" in done.do("part 1008 ignition lead x1.5").words
    known, free = sorted(fetch_all(done.store, "part_used"), key=lambda used: used.part is None)
    assert (known.part, known.quantity, free.name, free.quantity) == (done.ids["pcb"], 2000, "ignition lead", 1500)


def test_a_bare_number_counts_only_behind_a_code_we_list(done: Company) -> None:
    done.do("part 1008 PCB-77 3", "part 1008 fuse 13")
    used = {one.name: one.quantity for one in fetch_all(done.store, "part_used")}
    assert used == {"Printed circuit board": 3000, "fuse 13": 1000}


def test_a_name_signs_and_anything_else_wants_a_reason(done: Company) -> None:
    with pytest.raises(UsageError, match="Remote: why"):
        done.do("sg 1008 remote")
    done.do("sg 1008 unattended nobody on site after six")
    (sign,) = fetch_all(done.store, "sign_off")
    assert (sign.how, sign.name, sign.reason) == ("unattended", "", "nobody on site after six")
    assert done.column("LDN-1008") == "signed off"
    with pytest.raises(Refused, match="already"):
        done.do("sg 1008 A Finch")


def test_a_refused_sign_off_is_recorded_and_moves_nothing(done: Company) -> None:
    done.do("card 1008 done", "sg 1008 refused still beeping")
    assert done.column("LDN-1008") == "complete"
    assert "sign-off refused: still beeping" in str(done.store.sql("SELECT says FROM case_now WHERE reason = 'card_no_sign_off'"))
    done.do('sg 1008 "A Finch"')
    assert done.column("LDN-1008") == "signed off"


def test_nothing_used_contradicts_what_was_used(done: Company) -> None:
    done.do("labour 1008 1h")
    with pytest.raises(Refused, match="1 h of time recorded"):
        done.do("nil 1008")
    done.do("u", "nil 1008")
    assert fetch_all(done.store, "card")[0].nothing_used


def test_work_is_recorded_only_for_who_was_there(tmp_path: Path) -> None:
    one = company(tmp_path)
    one.do("d 1008 ben")
    for line in ("labour 1008 1h", "part 1008 PCB-77", "card 1008 done", "nil 1008"):
        with pytest.raises(Refused, match="nobody was there") as told:
            one.do(line)
        assert told.value.guard
    assert one.do("labour 1008 1h !! worked from the desk").act


def test_an_apostrophe_or_a_brace_in_a_name_is_a_name(done: Company) -> None:
    assert done.do('sg 1008 "O\'Neill {jr}"').words.endswith("signed off by O'Neill {jr}")
    assert fetch_all(done.store, "sign_off")[0].name == "O'Neill {jr}"
