"""Issuing and crediting: gapless numbers, frozen lines, one writer, and the difference that comes back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fsconsole.changes.batch import Act, Batch, Rows
from fsconsole.changes.frame import make_epoch
from fsconsole.changes.stamp import make
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding, invoice, right
from fsconsole.flow.agreement import agreement
from fsconsole.flow.imports import import_file
from fsconsole.flow.numbers import take_number
from fsconsole.flow.settle import settle
from fsconsole.store.apply import apply
from fsconsole.store.exchange import open_epoch
from fsconsole.store.queries import exceptions, money
from fsconsole.store.record import log, save
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put
from fsconsole.values.bill import IssuedLine
from fsconsole.values.work import Id
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def finished(one: Company) -> None:
    """Job 1008 with everything a bill wants."""
    one.do("contact K2 ap a@finch.example", "order 1008 77", "d 1008 ben", "en ben", "a ben")
    one.do("labour 1008 1h", "card 1008 done", "c ben", 'sg 1008 "A Finch"')


def test_an_invoice_is_frozen_with_its_lines_and_tax(acme: Company) -> None:
    finished(acme)
    acme.do("bill 1008")
    (paper,) = fetch_all(acme.store, "invoice")
    # An hour at £72.00 and a call-out of £45.00, with 20 % of tax; due 30 days later.
    assert (paper.number, paper.kind, paper.net, paper.tax, paper.gross) == ("LDN-I0001", "invoice", 11700, 2340, 14040)
    assert (paper.order_number, paper.client, paper.due_on, paper.origin) == ("77", acme.ids["finch"], date(2026, 4, 2), "ours")
    lines = fetch_all(acme.store, "invoice_line")
    assert sorted(line.amount for line in lines) == [4500, 7200]
    assert all(line.key and line.text and line.job == acme.ids["older"] and line.start for line in lines)
    acme.do("rate labour 99.00 ", "goodwill 1008 sorry")
    assert sorted(line.amount for line in fetch_all(acme.store, "invoice_line")) == [4500, 7200]


@pytest.mark.parametrize(
    ("payment", "due", "says"),
    [
        ("30 days", date(2026, 4, 2), "due 2 Apr 2026"),
        ("end of month + 30", date(2026, 4, 30), "due 30 Apr 2026 (end of month + 30, invoiced 3 Mar 2026)"),
        ("day 31", date(2026, 3, 31), "due 31 Mar 2026 (day 31, invoiced 3 Mar 2026)"),
        ("5 working days", date(2026, 3, 10), "due 10 Mar 2026 (5 working days, invoiced 3 Mar 2026)"),
    ],
)
def test_an_invoice_is_due_as_its_contract_says(acme: Company, payment: str, due: date, says: str) -> None:
    path = acme.store.path.with_name("agreed.toml")
    path.write_text(
        f'[contract]\nclient = "Acme Ltd"\nref = "LDN-C205"\nfrom = 2026-03-01\npayment = "{payment}"\n[[term]]\nname = "fee"\namount = 100.00\n'
    )
    report = import_file(acme.desk, "agreements", path, elsewhere_until=date(1990, 1, 1))
    assert not report.rejects, report.in_words()
    assert acme.do("?bill C205").words.endswith(says)
    assert acme.do("bill C205").words.endswith(says)
    (paper,) = fetch_all(acme.store, "invoice")
    assert paper.due_on == due


def test_both_refusals_to_give_money_back_say_the_same_of_the_two_ways(acme: Company) -> None:
    old = put("invoice", acme.desk.ids(), number="NES1", kind="invoice", client=acme.ids["acme"], gross=100, net=100, origin="old")
    save(acme.store, acme.desk.act("import"), [old], acme.now)
    with pytest.raises(Refused, match="issued by the old system") as imported:
        acme.do("credit NES1 wrong")
    acme.do("bill C204")
    with pytest.raises(Refused, match="Nothing of LDN-C204") as nothing:
        acme.do("bill C204")
    for refused in (imported, nothing):
        assert invoice.CREDITS in refused.value.instead


def test_several_orders_on_one_document_each_stand_with_their_lines(acme: Company) -> None:
    finished(acme)
    acme.do("grouping finch payer")
    other = acme.do("log finch lift stuck @reading po:88").ref.removeprefix("LDN-")
    acme.do(f"d {other} amy", "en amy", "a amy", f"labour {other} 1h", f"card {other} freed", "c amy", f'sg {other} "A Finch"')
    (draft,) = money.drafts(acme.store, acme.now, "finch")
    assert (draft.order_number, draft.orders, draft.on_order) == ("", "77, 88", "77, 88")
    (row,) = [one for one in invoice.bill_all(acme.desk, acme.desk.today, issue=True) if one["client"] == "Finch & Co"]
    assert row["order_number"] == ""
    texts = [line.text for line in fetch_all(acme.store, "invoice_line", job=acme.ids["older"])]
    assert texts, "the job was billed"
    assert all(text.endswith("[order 77]") for text in texts)
    (added,) = acme.store.sql("SELECT count(*) FROM invoice_line WHERE text LIKE '%[order 88]'")
    assert added == (2,)
    assert not [one for one in money.drafts(acme.store, acme.now) if one.name == "Finch & Co"], "what went out is not owed again"


def test_an_order_for_some_kinds_of_line_is_on_those_alone(acme: Company) -> None:
    with pytest.raises(UsageError, match="no kind of line and no term"):
        acme.do("order C204 4500 for:biscuits")
    acme.do("order C204 4500 for:labour")
    assert "for labour alone" in agreement(acme.store, acme.ids["c204"], acme.now).order  # type: ignore[union-attr]
    assert {one.on_order for one in money.drafts(acme.store, acme.now, "acme")} == {""}
    assert acme.do("?bill C204").words.count("order 4500") == 0
    acme.do("under 1042 C204", "order C204 for:all")
    assert {one.on_order for one in money.drafts(acme.store, acme.now, "acme")} == {"4500"}
    acme.do('order C204 "for:care plus"')
    assert acme.do("?bill C204").words.count("order 4500") == 1
    acme.do("order C204 for:labour")
    save(acme.store, acme.desk.act("import"), [put("contract", acme.ids["c204"], order_required=True)], acme.now)
    settle(acme.store, acme.now)
    with pytest.raises(Refused, match="order 4500 is for labour alone, and the rest has none"):
        acme.do("bill C204")



def test_what_is_billed_is_not_billed_twice_and_a_credit_brings_it_back(acme: Company) -> None:
    assert acme.do("bill C204").words.startswith("LDN-I0001: an invoice to Acme Ltd, 3 lines, £870.00 + £174.00 tax = £1,044.00")
    assert exceptions.figures(acme.store, acme.now)[2:5] == (0, 0, 0)
    with pytest.raises(Refused, match="Nothing of LDN-C204 is billable by 3 Mar 2026"):
        acme.do("bill C204")
    acme.do("credit I0001 wrong address")
    assert exceptions.figures(acme.store, acme.now).unbilled == 87000
    assert acme.do("bill C204").ref == "LDN-I0003"
    balance = money.balance(acme.store, acme.ids["acme"], acme.now)
    assert (balance.open, balance.unbilled) == (104400, 0)


def test_a_part_that_comes_late_is_the_only_thing_on_the_next_invoice(acme: Company) -> None:
    finished(acme)
    acme.do("bill 1008", "part 1008 PCB-77")
    assert "1 line, £249.00" in acme.do("bill 1008").words


def the_plug_is_pulled(one: Company) -> None:
    with one.store.writing() as conn:
        assert take_number(one.store, conn) == "LDN-I0002"
        raise RuntimeError("the plug")


def test_numbers_have_no_gap_whatever_fails_between(acme: Company) -> None:
    finished(acme)
    acme.do("bill C204")
    with pytest.raises(Refused):
        acme.do("bill C204")
    acme.do("?bill 1008")
    with pytest.raises(RuntimeError):
        the_plug_is_pulled(acme)
    assert acme.do("bill 1008").ref == "LDN-I0002"


def test_the_next_number_follows_what_was_set_or_imported(acme: Company) -> None:
    with acme.store.writing() as conn:
        conn.execute("INSERT INTO series (kind, next) VALUES ('invoice', 5001)")
    assert acme.do("bill C204").ref == "LDN-I5001"


def test_a_restored_or_copied_site_numbers_in_a_series_of_its_own_or_not_at_all(acme: Company) -> None:
    assert acme.do("bill C204").ref == "LDN-I0001"
    finished(acme)
    acme.store.set_own(restoring=1)
    with pytest.raises(Refused, match="restored or moved, and the shared folder was not seen since"):
        acme.do("bill 1008 !! it is urgent")
    acme.store.set_own(restoring=0, twice=1)
    with pytest.raises(Refused, match="Another copy of this installation") as told:
        acme.do("bill 1008")
    assert told.value.guard
    with acme.store.writing() as conn:
        open_epoch(conn, acme.store.site, make_epoch(2, 77), lambda stamp: set())
    assert acme.do("bill 1008 !! the copy was switched off").ref == "LDN-I2-0001"
    acme.store.set_own(twice=0)
    assert acme.do("credit I2-0001 wrong").ref == "LDN-I2-0002"


def test_an_open_case_holds_it_until_cleared_or_overridden(acme: Company) -> None:
    acme.do("contact K2 ap a@finch.example", "order 1008 77", "d 1008 ben", "en ben", "a ben", "labour 1008 1h", "c ben")
    with pytest.raises(Refused, match="LDN-1008 cannot go out: complete, no card") as told:
        acme.do("bill 1008")
    assert told.value.guard
    assert "waive 1008/complete_no_card WHY" in told.value.instead
    acme.do("bill 1008 !! the client asked for it today")
    (paper,) = fetch_all(acme.store, "invoice")
    assert paper.custom == {"override": "the client asked for it today"}


def test_a_waived_case_holds_nothing(acme: Company) -> None:
    acme.do("contact K2 ap a@finch.example", "order 1008 77", "d 1008 ben", "en ben", "a ben", "labour 1008 1h", "c ben")
    acme.do("waive 1008 agreed by phone")
    assert acme.do("bill 1008").ref == "LDN-I0001"


def test_work_that_is_not_done_is_not_billed(acme: Company) -> None:
    with pytest.raises(Refused, match="LDN-1008 is not done yet"):
        acme.do("bill 1008")


def elsewhere(one: Company) -> bytes:
    """A contract that Manchester made."""
    row = bytes(15) + b"\x07"
    puts = [
        put("site", bytes(16), code="MAN", number=2),
        put("contract", row, ref="MAN-C101", client=one.ids["finch"], name="Care", start=date(2026, 1, 1)),
        put(
            "term",
            bytes(15) + b"\x08",
            contract=row,
            kind="fixed",
            amount=1000,
            every=1,
            unit="month",
            timing="advance",
            proration="actual",
        ),
    ]
    rows = [
        Rows(kind=p.kind, fields=tuple(sorted(p.values)), rows=[(p.id, *(p.values[n] for n in sorted(p.values)))]) for p in puts
    ]
    batch = Batch(stamp=make(int(one.now.timestamp() * 1000), 0, 2), act=Act(bytes(16), "kim", "import"), rows=rows)
    with one.store.writing() as conn:
        apply(conn, batch)
        log(conn, batch)
    settle(one.store, one.now)
    return row


def test_a_document_has_one_writer_the_site_that_made_the_contract(acme: Company) -> None:
    elsewhere(acme)
    agreed = finding.contract(acme.desk, "MAN-C101")
    assert not right.may_bill(acme.store, agreed)
    assert right.may_bill(acme.store, finding.contract(acme.desk, "C204"))
    with pytest.raises(Refused, match="billed at MAN") as told:
        acme.do("bill MAN-C101")
    assert told.value.instead == "Ask MAN to bill it, or to hand it over: offer MAN-C101 LDN"
    assert [row["client"] for row in invoice.bill_all(acme.desk, date(2026, 3, 3))] == ["Acme Ltd"]


def test_what_the_old_system_issued_is_not_credited_here(acme: Company) -> None:
    from fsconsole.store.record import save

    puts = [
        put("invoice", acme.desk.ids(), number="OLD-7", kind="invoice", client=acme.ids["acme"], gross=100, origin="imported")
    ]
    save(acme.store, acme.desk.act("import"), puts, acme.now)
    with pytest.raises(Refused, match="old system"):
        acme.do("credit OLD-7 wrong")
    with pytest.raises(Refused, match="no invoice"):
        acme.do("credit 99 wrong")


def test_a_run_over_everything_drafts_then_issues_what_no_case_holds(acme: Company) -> None:
    acme.do("d 1008 ben", "en ben", "a ben", "c ben")
    drafts = invoice.bill_all(acme.desk, date(2026, 3, 3))
    assert {(row["client"], row["amount"], row["number"]) for row in drafts} == {
        ("Acme Ltd", 87000, ""),
        ("Finch & Co", 4500, "held"),
    }
    held = next(row for row in drafts if row["number"] == "held")
    assert held["held"]
    assert [line["ref"] for line in held["lines"]] == ["LDN-1008"]
    assert fetch_all(acme.store, "invoice") == []
    issued = invoice.bill_all(acme.desk, date(2026, 3, 3), issue=True)
    assert {(row["client"], row["number"]) for row in issued} == {("Acme Ltd", "LDN-I0001"), ("Finch & Co", "held")}
    assert [row["number"] for row in invoice.bill_all(acme.desk, date(2026, 3, 3), issue=True)] == ["held"]


def test_a_run_through_a_later_day_bills_the_period_ahead(acme: Company) -> None:
    (row,) = invoice.bill_all(acme.desk, date(2026, 4, 1))
    assert (row["amount"], len(row["lines"])) == (4 * 29000, 4)


def test_a_run_that_is_stopped_leaves_whole_documents_and_the_next_bills_the_rest_once(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invoice, "TOGETHER", 1)
    finished(acme)
    seen: list[tuple[int, int | None]] = []

    def stop(number: int, total: int | None) -> None:
        seen.append((number, total))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invoice.bill_all(acme.desk, date(2026, 3, 3), issue=True, progress=stop)
    assert seen == [(1, 2)]
    (first,) = fetch_all(acme.store, "invoice")
    invoice.bill_all(acme.desk, date(2026, 3, 3), issue=True)
    papers = fetch_all(acme.store, "invoice")
    assert sorted(one.number for one in papers) == ["LDN-I0001", "LDN-I0002"]
    assert {one.client for one in papers} == {acme.ids["acme"], acme.ids["finch"]}
    assert first.number == "LDN-I0001"
    keys = [line.key for line in fetch_all(acme.store, "invoice_line")]
    assert len(keys) == len(set(keys)) == 5
    assert invoice.bill_all(acme.desk, date(2026, 3, 3), issue=True) == []


def test_a_document_that_breaks_half_way_is_not_issued_at_all(acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = invoice.save
    monkeypatch.setattr(invoice, "save", lambda *given: (saved(*given), (_ for _ in ()).throw(KeyboardInterrupt))[0])
    with pytest.raises(KeyboardInterrupt):
        invoice.bill_all(acme.desk, date(2026, 3, 3), issue=True)
    monkeypatch.undo()
    assert fetch_all(acme.store, "invoice") == []
    (paper,) = invoice.bill_all(acme.desk, date(2026, 3, 3), issue=True)
    assert paper["number"] == "LDN-I0001"


def test_a_credit_gives_back_what_is_left_of_a_document_and_nothing_twice(acme: Company) -> None:
    # K2's contract: £290.00 a month from January; the fee falls after it was billed, so £120.00 are credited.
    billed = acme.do("bill C204")
    assert "£870.00" in billed.words
    acme.do("revise C204 270.00 2026-01-01", "bill C204")
    note = fetch_all(acme.store, "invoice", number="LDN-I0002")[0]
    assert (note.kind, note.net, note.due_on) == ("credit note", -6000, date(2026, 3, 3))
    said = acme.do("credit I0001 wrong client").words
    assert "£972.00 of LDN-I0001 (what is left of £1,044.00) credited" in said
    papers = fetch_all(acme.store, "invoice")
    assert (sum(one.net for one in papers), sum(one.tax for one in papers)) == (0, 0)
    # All of it is due once more, and at the new price.
    assert "£810.00" in acme.do("bill C204").words


def test_a_document_whose_lines_were_credited_one_by_one_has_nothing_left(acme: Company) -> None:
    acme.do("bill C204", "end C204 2026-01-01 never begun", "bill C204 !! it was never begun")
    with pytest.raises(Refused, match="nothing left of LDN-I0001") as told:
        acme.do("credit I0001 wrong")
    assert "find LDN-I0001" in told.value.instead
    assert len(fetch_all(acme.store, "invoice")) == 2


@pytest.mark.parametrize(
    ("amounts", "billed", "left"),
    [
        ([100], 100, [100]),
        ([100], 20, [20]),
        ([100], 0, []),
        ([100], -5, []),
        ([-80], -80, [-80]),
        ([-80], 0, []),
        ([100, -30], 70, [70]),
    ],
)
def test_a_line_gives_back_no_more_than_its_key_has(amounts: list[int], billed: int, left: list[int]) -> None:
    lines = [IssuedLine(id=Id(bytes([number])), key="k", amount=amount) for number, amount in enumerate(amounts)]
    assert [amount for _, amount in invoice.left_of(lines, {"k": billed})] == left


def test_a_document_never_gives_back_more_than_it_came_to() -> None:
    lines = [IssuedLine(id=Id(b"1"), key="k", amount=-80), IssuedLine(id=Id(b"2"), key="m", amount=2000)]
    # Under the other key's document everything was given back, the 80 included.
    assert sum(amount for _, amount in invoice.left_of(lines, {"k": 0, "m": 2000})) == 1920


def open_worth(one: Company, contract: str = "c204") -> list[int]:
    return [case.value for case in exceptions.cases_about(one.store, one.now, one.ids[contract])]


def test_what_was_waived_is_not_billed_before_somebody_takes_that_back(acme: Company) -> None:
    first = min(exceptions.cases_about(acme.store, acme.now, acme.ids["c204"]), key=lambda case: case.since or 0)
    acme.do(f"waive {first.key} a present")
    # January is £290.00; February and March go out without it.
    assert "2 lines, £580.00" in acme.do("bill C204").words
    with pytest.raises(Refused, match=r"What LDN-C204 has to bill was waived: 1 line, £290\.00") as told:
        acme.do("bill C204")
    assert told.value.guard
    assert "free C204" in told.value.instead
    rows = invoice.bill_all(acme.desk, date(2026, 3, 3), issue=True)
    assert rows == []
    assert "it was waived: a present" in acme.do("free C204").words
    assert "1 line, £290.00" in acme.do("bill C204").words


def test_what_was_waived_goes_out_with_a_clear_word(acme: Company) -> None:
    for case in exceptions.cases_about(acme.store, acme.now, acme.ids["c204"]):
        acme.do(f"waive {case.key} small")
    assert money.drafts(acme.store, acme.now) == []
    assert "3 lines, £870.00" in acme.do("bill C204 !! the client paid all the same").words


def test_what_grew_beyond_what_was_waived_is_open_and_billable_again(acme: Company) -> None:
    for case in exceptions.cases_about(acme.store, acme.now, acme.ids["c204"]):
        acme.do(f"waive {case.key} small")
    assert open_worth(acme) == []
    acme.do("revise C204 580.00 2026-02-01")
    assert open_worth(acme) == [58000, 58000]
    assert "2 lines, £1,160.00" in acme.do("bill C204").words


def test_a_credited_bill_that_was_waived_is_not_billed_again(acme: Company) -> None:
    finished(acme)
    acme.do("bill 1008", "credit I0001 a gift", "waive 1008/credit_not_rebilled a gift")
    assert money.drafts(acme.store, acme.now, payer=acme.ids["finch"]) == []
    with pytest.raises(Refused, match=r"was waived: 2 lines, £117\.00"):
        acme.do("bill 1008")
    acme.do("bill C204", "credit I0003 a gift", "waive C204/credit_not_rebilled a gift")
    with pytest.raises(Refused, match=r"was waived: 3 lines, £870\.00"):
        acme.do("bill C204")


def test_a_document_is_shown_with_its_lines_and_their_reasons(acme: Company) -> None:
    from fsconsole.flow.telling import show_thing

    acme.do("bill C204 !! the month is done")
    (number,) = acme.store.one("SELECT number FROM invoice")
    told = show_thing(acme.desk, number)
    assert sum(line["amount"] for line in told["lines"]) == told["net"]
    assert all(line["about"].endswith("C204") and line["reason"] for line in told["lines"])
