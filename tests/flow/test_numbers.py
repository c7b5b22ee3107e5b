"""Where our own numbers begin is said once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import Refused
from fsconsole.flow.numbers import set_next_number
from fsconsole.store.record import take_refs
from tests.flow.test_imports import new_desk, new_store


def test_the_next_number_is_set_once_and_taken_next(tmp_path: Path) -> None:
    desk = new_desk(new_store(tmp_path / "site.db"))
    set_next_number(desk, 5001, "job")
    assert take_refs(desk.store, "job") == ["LDN-5001"]
    with pytest.raises(Refused, match="set before"):
        set_next_number(desk, 6001, "job")
    desk.override = "typed it wrong"
    set_next_number(desk, 6001, "job")
    assert take_refs(desk.store, "job") == ["LDN-6001"]


def test_a_number_that_was_given_is_never_given_again(tmp_path: Path) -> None:
    desk = new_desk(new_store(tmp_path / "site.db"))
    take_refs(desk.store, "job", 3)
    with pytest.raises(Refused, match="1003 has been given already"):
        set_next_number(desk, 1002, "job")
    with pytest.raises(Refused):
        set_next_number(desk, 0)
    with pytest.raises(Refused, match="no series"):
        set_next_number(desk, 7, "visit")


def test_a_dry_run_sets_nothing(tmp_path: Path) -> None:
    desk = new_desk(new_store(tmp_path / "site.db"))
    desk.dry = True
    assert set_next_number(desk, 5001).dry
    assert desk.store.sql("SELECT count(*) FROM series") == [(0,)]
