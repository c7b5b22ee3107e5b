"""Commands print for people: names, money and local times; a table gives way on a terminal and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fsconsole.printing import BARE, Eyes, in_words, print_drafts, print_table, print_thing

LEEDS = Eyes(ZoneInfo("Europe/London"), "GBP")
ROW = {"key": "e79d:part", "ref": "LDN-1042", "reported_at": datetime(2026, 7, 1, 8, 0, tzinfo=UTC), "value": 120500, "stuck": ""}


def test_money_is_told_with_its_sign_and_an_instant_in_the_local_zone() -> None:
    assert in_words("value", -120500, LEEDS) == "−£1,205.00"
    assert in_words("reported_at", ROW["reported_at"], LEEDS) == "2026-07-01 09:00"
    assert in_words("priority", 1, LEEDS) == "1"


def test_a_field_named_like_money_that_holds_something_else_is_left_as_it_is() -> None:
    assert in_words("value", 30, LEEDS._replace(bare=frozenset({"value"}))) == "30"
    assert in_words("tax", 20, LEEDS._replace(bare=BARE["contract"])) == "20"
    assert in_words("value", 203518000, LEEDS._replace(thousandths=frozenset({"value"}))) == "203,518"


def test_a_table_leaves_out_what_is_empty_and_what_only_a_program_needs(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([ROW], LEEDS)
    assert capsys.readouterr().out.splitlines() == [
        "ref       reported_at           value",
        "LDN-1042  2026-07-01 09:00  £1,205.00",
    ]


def test_a_table_is_narrowed_to_a_terminal_and_whole_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"ref": "LDN-1042", "title": "boiler down, no hot water in either washroom"}]
    print_table(rows, LEEDS._replace(columns=30))
    narrow = capsys.readouterr().out.splitlines()
    print_table(rows, LEEDS)
    assert narrow[1] == "LDN-1042  boiler down, no hot…"
    assert max(map(len, narrow)) <= 30
    assert rows[0]["title"] in capsys.readouterr().out


def test_a_thing_is_told_field_by_field_and_its_lists_as_tables(capsys: pytest.CaptureFixture[str]) -> None:
    print_thing({"ref": "LDN-1042", "gone": False, "asset": None, "charges": [{"kind": "part", "amount": 8900}]}, LEEDS)
    assert capsys.readouterr().out.splitlines() == [
        "ref                LDN-1042",
        "",
        "charges",
        "kind  amount",
        "part  £89.00",
    ]


def test_drafts_say_whose_work_each_line_is_what_holds_them_and_what_all_comes_to(capsys: pytest.CaptureFixture[str]) -> None:
    line = {"ref": "LDN-1042", "amount": 8900, "reason": "Fan motor: 1 × £89.00 = £89.00"}
    held = {"client": "Acme", "order_number": "", "currency": "GBP", "amount": 8900, "number": "held", "held": ["no order number"]}
    print_drafts([{**held, "lines": [line]}, {**held, "held": [], "number": "", "order_number": "PO7", "lines": [line, line]}])
    told = capsys.readouterr().out
    assert "       £89.00  held       Acme\n               ! no order number\n" in told
    assert "LDN-1042  Fan motor: 1 × £89.00 = £89.00" in told
    assert "draft      Acme  order PO7" in told
    assert told.endswith("1 draft, £89.00 · 1 held, £89.00\n")


def test_no_drafts_are_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_drafts([])
    assert capsys.readouterr().out == "Nothing is billable that has not been billed.\n"
