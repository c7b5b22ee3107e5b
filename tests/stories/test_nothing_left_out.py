"""Nothing billable is neither billed, covered, held nor waived; what contradicts itself parks itself alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.errors import FsError
from fsconsole.flow.gather import Known, contract_sheets, job_sheets
from fsconsole.flow.invoice import bill_all
from fsconsole.flow.settle import contract_charges, job_charges, rebuild, settle
from fsconsole.store.queries import exceptions, money, reports
from tests.company import company

ACTS = st.lists(
    st.sampled_from(
        [
            "d 1008 ben", "en ben", "a ben", "labour 1008 1h35", "part 1008 PCB-77 x2", "card 1008 mended", "c ben",
            'sg 1008 "A Finch"', "order 1008 77", "contact K2 ap a@finch.example", "d 1042 amy", "en amy", "a amy", "c amy",
            "labour 1042 2h", "card 1042 mended", 'sg 1042 "A Patel"', "bill C204", "bill 1008", "credit LDN-I0001 wrong", "hold C204 why",
            "free C204", "approve K1", "policy approve_above 500.00", "policy locked_until 2026-02-01", "goodwill 1042 ours",
            "close 1008 below minimum", "drop C204 21-0093 2026-02-10", "grouping acme job", "na ben", "u", "waive C204 free",
            "revise C204 310.00 2026-02-01", "end C204 2026-02-20 moved away", "rate labour 90.00", "lock 2026-01",
        ]
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(acts=ACTS)
def test_every_charge_is_billed_covered_held_waived_or_on_a_draft(acts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        one = company(Path(folder))
        for line in acts:
            try:
                one.do(line)
            except FsError:
                continue  # refused in a sentence
        store, known = one.store, Known(one.store)
        settle(store, one.now)

        # Everything that the rules find billable and not billed stands among the derived charges, under one state each.
        rest = [charge for sheet in job_sheets(store, [one.ids["older"], one.ids["job"]], known) for charge in job_charges(sheet, known)[1]]
        sheets = contract_sheets(store, [one.ids["c204"]], known)
        rest += [charge for sheet in sheets for charge in contract_charges(sheet, known, date(2026, 3, 3))[1]]
        here = {row[0]: row[1:] for row in store.sql("SELECT key, amount, fenced FROM charge_now")}
        owed = [charge for charge in rest if charge.amount > 0 and not charge.estimate and not charge.covered_by]
        due = [charge for charge in owed if charge.billable_from and charge.billable_from <= date(2026, 3, 3)]
        assert all(here[charge.key][0] == charge.amount for charge in due)
        drafted = {
            line.key for row in money.drafts(store, one.now) for line in money.draft_lines(store, one.now, *row.draft)
        }  # fmt: skip
        waived = {key for key, (_, fenced) in here.items() if fenced == "waived"}
        assert {charge.key for charge in due} <= drafted | waived

        # A month lists each of them under one state, and the leak counts each once.
        keys = [row.key for month in ((1, 2), (2, 3), (3, 4)) for row in
                reports.month(store, one.now, date(2026, month[0], 1), date(2026, month[1], 1)).rows]  # fmt: skip
        assert len(keys) == len(set(keys))
        in_months = {charge.key for charge in due if charge.billable_from and charge.billable_from >= date(2026, 1, 1)}
        assert in_months <= set(keys)
        unbilled = exceptions.figures(store, one.now).unbilled
        assert sum(row.amount for row in reports.leakage(store, one.now)) >= unbilled

        # No row is said twice, drafting twice is drafting once, and deriving everything again changes nothing.
        cases = store.sql("SELECT key, says, value FROM case_now ORDER BY key")
        bill_all(one.desk, date(2026, 3, 3), issue=True)
        assert all(not row["number"] or row["number"] == "held" for row in bill_all(one.desk, date(2026, 3, 3)) if row["amount"] > 0)
        before = store.sql("SELECT key, amount, fenced FROM charge_now ORDER BY key")
        told = store.sql("SELECT key, says, value FROM case_now ORDER BY key")
        rebuild(store, one.now)
        assert store.sql("SELECT key, amount, fenced FROM charge_now ORDER BY key") == before
        assert store.sql("SELECT key, says, value FROM case_now ORDER BY key") == told
        assert len({row[0] for row in cases}) == len(cases)
