"""Nothing billable is neither billed, covered, held nor waived; what contradicts itself parks itself alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.errors import FsError
from fsconsole.flow.gather import Known, contract_sheets, job_sheets
from fsconsole.flow.imports import import_file
from fsconsole.flow.invoice import bill_all
from fsconsole.flow.settle import contract_charges, job_charges, rebuild, settle
from fsconsole.store.queries import exceptions, money, reports
from tests.company import Company, company

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


def dollars(one: Company) -> None:
    """A contract with Acme in dollars: a fee in advance, and one in arrears."""
    path = one.store.path.with_name("dollars.toml")
    path.write_text(
        '[contract]\nclient = "Acme Ltd"\nref = "LDN-C900"\ncurrency = "USD"\nfrom = 2026-01-01\n[[term]]\nname = "hosting"\namount = 100.00\n'
        '[[term]]\nname = "support"\namount = 40.00\nin = "arrears"\n'
    )
    assert not import_file(one.desk, "agreements", path, elsewhere_until=date(1990, 1, 1)).rejects


@settings(max_examples=20, deadline=None)
@given(acts=ACTS.map(lambda acts: [*acts, "bill C900"] if len(acts) % 2 else acts))
def test_billed_covered_held_waived_and_open_are_every_obligation_in_each_currency(acts: list[str]) -> None:
    """Over the months that were: what stands billed and every other state add up to what the rules say is owed."""
    with TemporaryDirectory() as folder:
        one = company(Path(folder))
        dollars(one)
        for line in acts:
            try:
                one.do(line)
            except FsError:
                continue  # refused in a sentence
        store, known = one.store, Known(one.store)
        settle(store, one.now)
        first, end = date(2025, 12, 1), date(2026, 4, 1)
        charges = []
        for sheet in job_sheets(store, [one.ids["older"], one.ids["job"]], known):
            if not sheet.job.written_off and not sheet.job.cancelled:
                charges += [charge for charge in job_charges(sheet, known)[0].charges if not charge.key.endswith(":planned")]
        every = [row[0] for row in store.sql("SELECT id FROM contract")]
        for agreed in contract_sheets(store, every, known):
            charges += contract_charges(agreed, known, date(2026, 12, 31))[0].charges
        due: dict[str, int] = {}
        for charge in charges:
            days = [day for day in (charge.billable_from, charge.period.start if charge.period else None) if day]
            if charge.estimate or (days and first <= (max(days) if charge.job is None else days[0]) < end):
                due[charge.currency] = due.get(charge.currency, 0) + charge.amount
        found = reports.month(store, one.now, first, end)
        assert {row.state for row in found.rows} <= {"open", "held", "fenced", "waived", "covered"}
        stands = {store.currency: found.billed, **dict(found.others)}
        for row in found.rows:
            if row.kind != "not recorded" and row.state != "covered":
                stands[row.currency] = stands.get(row.currency, 0) + row.amount
        assert {money: total for money, total in stands.items() if total} == {money: total for money, total in due.items() if total}
        assert len({row.key for row in found.rows}) == len(found.rows)


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
