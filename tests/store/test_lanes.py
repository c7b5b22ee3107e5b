"""The kept headings of the lanes against counting, whatever happens to the cards."""

from __future__ import annotations

from pathlib import Path
from random import Random

from fsconsole.store.derive import JOB_NOW, put_jobs
from fsconsole.store.opening import open_store
from fsconsole.store.queries import board

_WORDS = {"ref", "column_", "tech_code", "told", "client_name", "location_name", "postcode", "area", "title", "kind", "order_number",
          "due_what", "stuck", "skill", "words"}  # fmt: skip


def test_a_lanes_heading_is_what_counting_its_cards_gives(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db")
    dice = Random(3)

    def card(number: int) -> tuple[object, ...]:
        values: dict[str, object] = {name: "" if name in _WORDS else 0 for name in JOB_NOW}
        values |= {
            "job": number.to_bytes(16, "big"), "number": number, "column_": dice.choice(board.OPEN[:3]), "value": dice.randrange(9999),
            "estimate": dice.randrange(2), "stuck": dice.choice(("", "no order")), "due_at": dice.choice((None, dice.randrange(10**6))),
        }  # fmt: skip
        return tuple(values[name] for name in JOB_NOW)

    for _ in range(60):
        with store.writing() as conn:
            match dice.randrange(3):
                case 0:
                    cards = [card(dice.randrange(40)) for _ in range(5)]
                    put_jobs(store, [dice.randrange(40).to_bytes(16, "big"), *(one[0] for one in cards)], cards)
                case 1:
                    conn.execute("DELETE FROM job_now WHERE number = ?", (dice.randrange(40),))
                case _:
                    conn.execute(
                        "UPDATE job_now SET column_ = 'logged', value = value + 7, stuck = '' WHERE number = ?", (dice.randrange(40),)
                    )
        counted = {
            row[0]: board.Lane(*row[:3], bool(row[3]), *row[4:])
            for row in store.sql(
                "SELECT column_, count(*), sum(value), max(estimate), min(due_at), sum(stuck != '') FROM job_now GROUP BY column_"
            )
        }
        assert [lane._replace(version=0) for lane in board.lanes(store)] == [counted.get(one, board.Lane(one, 0, 0, False, None, 0)) for one in board.OPEN]
    store.close()
