"""What a clerk needs at month's end: nobody asked twice, a draft issued whole, a client put right, what is only taken off."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fsconsole.errors import Refused, UsageError
from fsconsole.flow import draft, exception
from fsconsole.flow.imports import import_file
from fsconsole.flow.invoice import bill_all
from fsconsole.flow.why import why
from fsconsole.rules.words import several
from fsconsole.store.queries import exceptions, money, reports
from tests.company import Company, company
from tests.flow.test_draft import billable_job


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def open_case(one: Company, reason: str) -> exceptions.CaseRow:
    return next(each for each in exceptions.open_cases(one.store, one.now, snoozed=True, limit=1000) if each.reason == reason)


def test_once_somebody_was_asked_the_next_step_is_to_type_the_answer_and_not_to_ask_again(acme: Company) -> None:
    acme.do("d 1008 ben", "en ben", "a ben", "labour 1008 1h", "card 1008 reset", "c ben")
    case = open_case(acme, "order_missing")
    assert exception.step_of(acme.desk, case.key) == "chase 1008/order_missing client"
    acme.do(exception.step_of(acme.desk, case.key))
    case = open_case(acme, "order_missing")
    assert (exception.step_of(acme.desk, case.key), exception.step_words(case)) == ("order 1008 ", "type the order number")
    assert exception.asked_by(acme.store, case) == "jo"
    acme.do("u")
    assert exception.step_of(acme.desk, case.key) == "chase 1008/order_missing client"


def test_the_answer_to_every_question_that_is_asked_can_be_typed(acme: Company) -> None:
    from fsconsole.rules.checks.reasons import ANSWERED, ANSWERS, REASONS
    from fsconsole.verbs import BY_KEY

    assert set(ANSWERS) <= set(REASONS)
    for step in (*ANSWERS.values(), ANSWERED):
        line = step.verb.format(ref="1008", case="1008/order_missing")
        assert line.endswith((" ", ":")), "it waits for words"
        assert line.split()[0] in BY_KEY


def test_a_client_is_put_right_by_its_reference_and_the_change_is_taken_back(acme: Company) -> None:
    assert acme.do("client K2 tax:GB123456789").words == "Finch & Co: tax GB123456789"
    assert acme.store.sql("SELECT tax_id, name FROM client WHERE ref = 'LDN-K2'") == [("GB123456789", "Finch & Co")]
    with pytest.raises(Refused, match="stands so already"):
        acme.do("client K2 tax:GB123456789")
    with pytest.raises(UsageError, match="What is the tax of Finch & Co"):
        acme.do("client K2 tax:")
    acme.do("u")
    assert acme.store.sql("SELECT tax_id FROM client WHERE ref = 'LDN-K2'") == [("",)]
    with pytest.raises(Refused, match="to change it: client K2 phone"):
        acme.do("client Finch & Co phone:0118")


def test_a_draft_goes_out_as_one_invoice_and_what_is_held_stays_behind_and_is_said(acme: Company) -> None:
    acme.do("grouping acme payer")
    ref = billable_job(acme, "hq", "77")
    acme.do(f"hold {ref} waits for the survey")
    done = acme.do("bill K1")
    assert done.words.startswith("LDN-I0001: an invoice to Acme Ltd, 3 lines, £870.00 + £174.00 tax = £1,044.00")
    assert "2 lines, £117.00 stays behind: held back: waits for the survey" in done.words
    with pytest.raises(Refused, match="All of the draft for Acme Ltd is held: held back: waits for the survey"):
        acme.do("bill K1")
    acme.do(f"free {ref}", "bill K1")
    assert [row[0] for row in acme.store.sql("SELECT net FROM invoice ORDER BY number")] == [87000, 11700]
    with pytest.raises(Refused, match="There is nothing to invoice Acme Ltd for today"):
        acme.do("bill K1")


def test_a_draft_with_an_order_is_billed_without_the_lines_of_another(acme: Company) -> None:
    billable_job(acme, "hq", "77"), billable_job(acme, "hq", "78")
    acme.do("bill K1/78")
    assert [tuple(row) for row in acme.store.sql("SELECT net, order_number FROM invoice")] == [(11700, "78")]


def test_the_list_of_drafts_knows_which_are_approved_whole_in_part_or_no_more(acme: Company) -> None:
    billable_job(acme, "hq", "77")

    def words() -> dict[str, str]:
        rows = money.drafts(acme.store, acme.now)
        found = draft.approved_of(acme.store, acme.now, rows)
        return {draft.name_of(acme.desk, one): draft.approved_words(found.get(one.draft)) for one in rows}

    assert words() == {"K1": "", "K1/77": ""}
    acme.do("approve K1")
    assert words() == {"K1": "approved", "K1/77": ""}
    acme.do("revise C204 310.00 2026-03-01")
    assert words() == {"K1": "2 of 3", "K1/77": ""}


def test_what_a_retention_takes_off_goes_out_with_the_line_it_is_taken_off(acme: Company, tmp_path: Path) -> None:
    path = tmp_path / "works.toml"
    path.write_text(
        '[contract]\nref = "C9"\nclient = "Finch & Co"\nfrom = 2026-01-05\n'
        '[[term]]\nname = "works"\nkind = "milestone"\nmilestones = [{ name = "first fix", on = 2026-01-26, amount = 3600.00 }]\n'
        '[[term]]\nname = "held back"\nkind = "retention"\nof = ["works"]\npercent = 5\n'
    )
    assert not import_file(acme.desk, "agreements", path, elsewhere_until=date(1990, 1, 1)).rejects
    acme.do("hold C204 not now", "contact K2 ap ap@finch.example")
    assert [one["number"] for one in bill_all(acme.desk, acme.desk.today, issue=True)].count("held") >= 1
    assert acme.store.sql("SELECT count(*) FROM invoice") == [(0,)], "no credit note for what was never billed"
    january = reports.month(acme.store, acme.now, date(2026, 1, 1), date(2026, 2, 1))
    assert {row.state for row in january.rows if row.ref.endswith("C9")} == {"held"}
    acme.do("order C9 4711", "bill C9")
    assert acme.store.sql("SELECT net FROM invoice") == [(342000,)]


@pytest.mark.parametrize(
    ("one", "many"), [("copy", "copies"), ("page", "pages"), ("kWh", "kWh"), ("km", "km"), ("day", "day"), ("box", "box"), ("batch", "batches")]
)
def test_units_are_said_of_several_and_signs_stay(one: str, many: str) -> None:
    assert several(one) == many


def test_a_correction_in_two_lines_is_seen_as_two_lines_before_it_is_issued(acme: Company) -> None:
    acme.store.raw.execute("UPDATE contract SET correction = 'credit and recharge' WHERE id = ?", (acme.ids["c204"],))
    acme.do("bill C204", "revise C204 310.00 2026-03-01 the boiler is larger")
    (row,) = money.drafts(acme.store, acme.now)
    (line,) = money.draft_lines(acme.store, acme.now, *row.draft)
    assert line.amount == 2000
    told = dict(why(acme.store, acme.now, line.key))["On the invoice"]
    assert [(words.split(": ")[0], amount) for _, words, amount in told] == [("−£290.00", "−£290.00"), ("Care Plus", "£310.00")]
    acme.do("bill C204")
    lines = acme.store.sql("SELECT text, amount FROM invoice_line WHERE invoice = (SELECT id FROM invoice WHERE number = 'LDN-I0002') ORDER BY amount")
    assert [(words, amount) for words, amount in lines] == [(words, minor) for (_, words, _), minor in zip(told, (-29000, 31000), strict=True)]


def test_a_new_price_says_its_year_and_takes_a_reason_with_any_word_in_it(acme: Company) -> None:
    done = acme.do("revise C204 310.00 2026-04-01 because of the new wages")
    assert done.words == "LDN-C204: Care Plus is £310.00 from 1 Apr 2026 (until then £290.00): because of the new wages"
    assert acme.do("revise C204 320.00 2026-05-01 of care plus").words.endswith("£320.00 from 1 May 2026 (until then £310.00)")
    assert acme.do("pause C204 2026-06-01 out of season").words == "LDN-C204 is suspended from 1 Jun 2026: out of season"


def test_equipment_that_was_let_go_is_not_asked_about_again_when_its_estimate_grows(acme: Company) -> None:
    acme.do('asset acme "air handler" serial:AH-1 @unit3')
    case = open_case(acme, "asset_uncovered")
    acme.do(f"waive {case.key} it is theirs to look after")
    # As it stands in a store in which such equipment had no value yet.
    acme.store.raw.execute("UPDATE decision SET waived_value = 0 WHERE key = ?", (case.key,))
    (value,) = acme.store.sql("SELECT value FROM case_now WHERE key = ?", (case.key,))[0]
    assert value > 0
    assert "asset_uncovered" not in {one.reason for one in exceptions.open_cases(acme.store, acme.now, limit=1000)}


def test_work_beyond_a_quote_waits_for_the_clients_word_and_goes_out_with_a_higher_one(acme: Company, tmp_path: Path) -> None:
    path = tmp_path / "C300.toml"
    path.write_text(
        '[contract]\nref = "LDN-C300"\nclient = "Finch & Co"\nfrom = 2026-03-01\n'
        '[[term]]\nname = "repairs"\nkind = "time"\nprice = 80.00\nunagreed = "held"\nin = "arrears"\n'
    )
    assert not (found := import_file(acme.desk, "agreements", path, elsewhere_until=date(1990, 1, 1))).rejects, found.in_words()
    acme.do("under 1008 C300", "quote 1008 100.00 as by e-mail")
    acme.do("d 1008 ben", "en ben", "a ben", "labour 1008 1h40", "c 1008")

    def charged() -> list[tuple[int, int]]:
        return [tuple(row) for row in acme.store.sql(
            "SELECT h.amount, h.estimate FROM charge_now h JOIN contract c ON c.id = h.contract WHERE c.ref = 'LDN-C300' AND h.kind = 'labour'"
            " AND h.job IS NULL"
        )]  # fmt: skip

    assert [estimate for _, estimate in charged()] == [1], "133.60 is more than the 100.00 that was quoted"
    acme.do("quote 1008 150.00 they agreed to more")
    assert charged() == [(13360, 0)]


def test_a_new_order_has_neither_the_end_nor_the_ceiling_of_the_one_before(acme: Company) -> None:
    assert acme.do("order C204 OLD-1 max:500.00 until:2026-02-28").words == "LDN-C204 order OLD-1, up to £500.00, until 28 Feb 2026"
    assert "order_missing" in {one.reason for one in exceptions.cases_about(acme.store, acme.now, acme.ids["c204"])}
    done = acme.do("order C204 NEW-2")
    assert done.words == "LDN-C204 order NEW-2 (the ceiling and the end of OLD-1 go with it)"
    assert "order_missing" not in {one.reason for one in exceptions.cases_about(acme.store, acme.now, acme.ids["c204"])}
    acme.do("u")
    assert acme.store.sql("SELECT order_number, order_ceiling FROM contract WHERE id = ?", (acme.ids["c204"],)) == [("OLD-1", 50000)]


def test_a_card_of_work_from_before_this_system_is_said_to_be_elsewhere_and_not_typed(acme: Company, tmp_path: Path) -> None:
    acme.do("policy cut_over 2026-02-01")
    path = tmp_path / "jobs.csv"
    path.write_text("Ref,Client,Location,Title,Technician,Reported at,Finished on,Labour minutes\nOLD-7,Acme Ltd,HQ,Fan noisy,ben,2026-02-25,2026-02-27,50\n")
    report = import_file(acme.desk, "jobs", path)
    assert not report.rejects, report.in_words()
    case = next(one for one in exceptions.open_cases(acme.store, acme.now, limit=1000) if one.reason == "complete_no_card" and one.waits_for == "")
    acme.do(exception.step_of(acme.desk, case.key))
    case = exceptions.case(acme.store, case.key, acme.now) or case
    assert exception.step_of(acme.desk, case.key).startswith("waive ")
    assert exception.step_of(acme.desk, case.key).endswith("/complete_no_card ")
    acme.do(exception.step_of(acme.desk, case.key) + "their sheet is in the old system")
    assert exceptions.case(acme.store, case.key, acme.now).waived == "their sheet is in the old system"  # type: ignore[union-attr]


def test_what_was_credited_whole_is_billed_anew_in_its_first_words_and_the_difference_is_the_new_price(acme: Company) -> None:
    acme.do("bill C204", "credit LDN-I0001 wrong price")
    rows = "SELECT reason, amount, quantity FROM charge_now WHERE fenced = '' AND estimate = 0 AND billable_from <= '2026-03-03' ORDER BY start"
    before = acme.store.sql(rows)
    assert before[0][0] == "Care Plus: £290.00 for Jan 2026, in advance"
    assert "was billed" not in str(before)
    acme.do("revise C204 310.00 2026-01-01 as agreed", "bill C204")
    assert [row[0] for row in acme.store.sql("SELECT net FROM invoice ORDER BY number")] == [87000, -87000, 93000]
