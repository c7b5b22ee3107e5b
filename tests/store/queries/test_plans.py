"""What the board, the exception queue and the top line cost: served by indexes, whatever is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fsconsole.store.instants import ms
from fsconsole.store.opening import Store, open_store
from fsconsole.store.queries import board, exceptions, money
from tests.company import START

OPEN = 20_000
AT = ms(START)


def id_of(number: int) -> bytes:
    return number.to_bytes(16, "big")


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """20,000 open jobs with their charges, one in five with a case."""
    store = open_store(tmp_path_factory.mktemp("busy") / "store.db")
    store.set_own(site=1, code="LDN", timezone="Europe/London", currency="GBP")
    with store.writing() as conn:
        conn.executemany(
            f"INSERT INTO job_now VALUES ({','.join('?' * 36)})",
            (
                (id_of(n), f"LDN-{n + 1000}", n + 1000, board.OPEN[n % 9], None, None, "", "", id_of(n % 400), "Client", id_of(n % 900), "Place",
                 "", "", None, None, "Title", "repair", 3, "", AT - n, AT + (n % 600 - 100) * 60_000, "respond", AT - n, None, None, 4500, 0, 0,
                 "", 1, "", None, None, "words", n)
                for n in range(OPEN)
            ),
        )  # fmt: skip
        conn.executemany(
            f"INSERT INTO charge_now VALUES ({','.join('?' * 23)})",
            (
                (f"{n:08}", id_of(n), None, None, None, None, None, "labour", None, None, "1", 4500, 0, 0, "GBP", "", "2026-03-01", n % 2, "", "", "", "", None)
                for n in range(OPEN)
            ),
        )  # fmt: skip
        conn.executemany(
            f"INSERT INTO case_now VALUES ({','.join('?' * 17)})",
            (
                (f"complete_no_card:{n:032x}", "complete_no_card", id_of(n), "job", id_of(n), None, None, "says", 4500 + n, 0, AT - n, None, "Ben",
                 "chase", "chase", "[]", id_of(n))
                for n in range(0, OPEN, 5)
            ),
        )  # fmt: skip
        conn.executemany(
            "INSERT INTO case_charge VALUES (?, ?)", ((f"complete_no_card:{n:032x}", f"{n:08}") for n in range(0, OPEN, 5))
        )
    yield store
    store.close()


def plans(store: Store, ask: Callable[[], Any]) -> list[str]:
    """The plan of every statement that a query runs."""
    asked: list[str] = []
    store.raw.set_trace_callback(asked.append)
    ask()
    store.raw.set_trace_callback(None)
    return [row[3] for query in asked for row in store.raw.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()]


ASKED: dict[str, Callable[[Store], Any]] = {
    "lanes": lambda store: board.lanes(store),
    "cards": lambda store: board.cards(store, "logged", 0, 50),
    "figures": lambda store: exceptions.figures(store, START),
    "cases": lambda store: exceptions.open_cases(store, START, limit=50),
    "drafts": lambda store: money.drafts(store, START, limit=50),
}


@pytest.mark.parametrize("name", ASKED)
def test_no_query_of_a_screen_walks_the_jobs_or_the_charges(busy: Store, name: str) -> None:
    found = plans(busy, lambda: ASKED[name](busy))
    assert found
    walked = [
        step
        for step in found
        if step.startswith("SCAN") and ("job_now" in step or "charge_now" in step or step in ("SCAN n", "SCAN j"))
    ]
    assert walked == []


def test_a_page_of_cases_is_read_in_the_order_of_an_index(busy: Store) -> None:
    found = plans(busy, lambda: exceptions.open_cases(busy, START, limit=50))
    assert "SCAN c USING INDEX case_now_value" in found
    assert not any("TEMP B-TREE" in step for step in found)


def test_the_top_line_is_right_at_20_000_open_jobs(busy: Store) -> None:
    figures = exceptions.figures(busy, START)
    assert figures.exceptions == OPEN // 5
    assert figures.unbilled == OPEN // 2 * 4500
    # Of the charges with a case, those not planned count; of the others what the case is worth beyond them.
    held = range(0, OPEN, 5)
    assert figures.at_risk == sum(4500 + n for n in held) - sum(4500 for n in held if n % 2)


def test_figures_do_not_depend_on_history(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db")
    store.set_own(site=1, code="LDN", timezone="Europe/London")
    found = plans(store, lambda: exceptions.figures(store, START))
    assert any("job_now_due (column_=? AND due_at<?)" in step for step in found)
    assert any("COVERING INDEX charge_now_open" in step for step in found)
    store.close()
