"""Every reason for an exception in a real store: raised by facts, seen in the list, its step taken, gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from fsconsole import verbs
from fsconsole.errors import Refused
from fsconsole.flow.exception import case_meant
from fsconsole.flow.imports import import_file
from fsconsole.flow.settle import settle
from fsconsole.flow.telling import list_rows
from fsconsole.rules.checks import REASONS
from fsconsole.store.queries import exceptions
from fsconsole.store.record import save
from fsconsole.store.tables import put
from tests.company import Company, company
from tests.console.worked import trail

Puts = Mapping[str, Any]


def write(one: Company, *rows: tuple[str, Puts]) -> None:
    """Rows as a file would bring them; ``id`` names one that other rows speak of."""
    puts = []
    for kind, values in rows:
        values = dict(values)
        name = values.pop("id", None)
        row = one.ids.setdefault(name, one.desk.ids()) if name else one.desk.ids()
        puts.append(put(kind, row, **values))
    save(one.store, one.desk.act("import"), puts, one.now)
    settle(one.store, one.now)


def agree(one: Company, text: str) -> None:
    """A contract with Acme as a price file says it; it is C205 here."""
    path = one.store.path.with_name("agreed.toml")
    path.write_text(f'[contract]\nclient = "Acme Ltd"\nref = "LDN-C205"\nfrom = 2026-01-01\ntimezone = "Europe/London"\n{text}')
    report = import_file(one.desk, "agreements", path, elsewhere_until=date(1990, 1, 1))
    assert not report.rejects, report.in_words()
    settle(one.store, one.now)


def done_1008(one: Company, *more: str) -> None:
    """Ben did the job at Finch's; nothing is billed, an order number and a payables contact are there."""
    one.do("contact K2 ap a@finch.example", "order 1008 77", "d 1008 ben", "en ben", "a ben", *more, "c ben")


def done_1042(one: Company, *more: str) -> None:
    """Amy did the job at Acme's boiler."""
    one.do("d 1042 amy", "en amy", "a amy", *more, "c amy")


# --- how each comes about ---------------------------------------------------------------------------------------------


def no_card(one: Company) -> None:
    done_1008(one, "labour 1008 1h")


def no_sign_off(one: Company) -> None:
    done_1008(one, "labour 1008 1h", "card 1008 mended")


def nothing_recorded(one: Company) -> None:
    done_1008(one, "card 1008 mended")


def order_wanted(one: Company) -> None:
    done_1008(one, "labour 1008 1h", "card 1008 mended")
    one.do('sg 1008 "A Finch"')
    write(one, ("job", {"id": "older", "order_number": ""}))


def nobody_pays(one: Company) -> None:
    one.do("order 1008 77", "d 1008 ben", "en ben", "a ben", "labour 1008 1h", "card 1008 mended", "c ben", 'sg 1008 "A Finch"')


def no_travel_rate(one: Company) -> None:
    done_1008(one, "labour 1008 30m travel", "labour 1008 1h", "card 1008 mended")


def beside_the_contract(one: Company) -> None:
    ref = one.do("log acme door jammed @hq").ref.removeprefix("LDN-")
    one.do(f"d {ref} amy", "en amy", "a amy", f"labour {ref} 1h", f"card {ref} freed", "c amy", f'sg {ref} "A Patel"')


def two_contracts(one: Company) -> None:
    other = {"id": "c300", "ref": "LDN-C300", "client": one.ids["acme"], "name": "Basic", "start": date(2026, 1, 1)}
    write(one, ("contract", other))
    write(one, ("cover", {"contract": one.ids["c300"], "asset": one.ids["boiler"], "labour": True}))
    done_1042(one, "labour 1042 1h", "card 1042 mended")


def after_the_end(one: Company) -> None:
    old = {"id": "c301", "ref": "LDN-C301", "client": one.ids["finch"], "start": date(2025, 1, 1), "end": date(2026, 2, 20)}
    write(one, ("contract", old))
    write(one, ("cover", {"contract": one.ids["c301"], "asset": one.ids["panel"], "labour": True}))
    done_1008(one, "labour 1008 1h", "card 1008 mended")
    write(one, ("job", {"id": "older", "order_number": ""}), ("client", {"id": "finch", "order_required": False}))


def misused(one: Company) -> None:
    done_1042(one, "labour 1042 1h", "card 1042 misuse by the tenant, reset")


def rounded_down(one: Company) -> None:
    agree(one, '[[term]]\nname = "repairs"\nkind = "time"\nprice = 72.00\nstep = 30\nround = "down"')
    write(one, ("cover", {"id": "cover", "labour": False, "parts": False, "call_out": False}))
    done_1042(one, "labour 1042 1h25", "card 1042 mended")
    one.do('sg 1042 "A Patel"', "under 1042 C205", "order 1042 88")


def far_from_usual(one: Company) -> None:
    one.do("policy standard_minutes repair=30")
    done_1008(one, "labour 1008 3h", "card 1008 mended")


def left_the_van(one: Company) -> None:
    done_1042(one)
    counts = {"part": one.ids["pcb"], "technician": one.ids["amy"], "place": "van"}
    write(
        one,
        ("stock", {**counts, "quantity": 5000, "at": one.now - timedelta(days=9)}),
        ("stock", {**counts, "quantity": -2000, "at": one.now}),
    )


def large_draft(one: Company) -> None:
    one.do("policy approve_above 500.00")


def thin_margin(one: Company) -> None:
    write(one, ("technician", {"id": "ben", "cost_rate": 11000}))
    one.do("policy approve_margin 20")
    done_1008(one, "labour 1008 1h", "card 1008 mended")
    one.do('sg 1008 "A Finch"')


def kept_back(one: Company) -> None:
    one.do("hold C204 their board meets on friday")


def credited(one: Company) -> None:
    one.do("bill C204", "credit LDN-I0001 wrong address")


def ends_soon(one: Company) -> None:
    write(one, ("contract", {"id": "c204", "end": date(2026, 4, 1), "renews": "itself", "renewal_months": 12, "notice_days": 10}))


def rise_without_notice(one: Company) -> None:
    term = '[[term]]\nname = "fee"\namount = 100.00\n'
    rise = '[[escalator]]\nterm = "fee"\nfrom = 2026-03-01\npercent = 3\nnotice = 30\nnotified = []\n'
    agree(one, term + rise)


def unread(one: Company) -> None:
    term = {"contract": one.ids["c204"], "kind": "meter", "name": "hours run", "amount": 5, "timing": "arrears", "unit": "month",
            "start": date(2026, 1, 1), "asset": one.ids["boiler"]}  # fmt: skip
    write(one, ("term", term), ("reading", {"asset": one.ids["boiler"], "value": 100_000, "day": date(2026, 1, 1)}))


def backwards(one: Company) -> None:
    unread(one)
    write(
        one,
        ("reading", {"asset": one.ids["boiler"], "value": 500_000, "day": date(2026, 2, 1)}),
        ("reading", {"asset": one.ids["boiler"], "value": 90_000, "day": date(2026, 3, 1)}),
    )


def too_few_visits(one: Company) -> None:
    agree(one, 'until = 2026-02-01\n[[term]]\nname = "planned"\nkind = "visits"\nminimum = 2\nshortfall = 90.00\nover = "period"')


def hours_used(one: Company) -> None:
    term = '[[term]]\nname = "support"\nkind = "hours"\nincluded = "1 h"\nprice = 95.00\n'
    agree(one, term + '[[labour]]\non = 2026-03-02\nminutes = "2 h"\n')


def promise_missed(one: Company) -> None:
    fee = '[[term]]\nname = "fee"\namount = 100.00\n'
    level = '[[term]]\nname = "level"\nkind = "sla"\nof = ["fee"]\nrespond = "1 h"\npercent = 5\nclaim = "decided"\n'
    call = '[[sla]]\nname = "77"\nreported = 2026-02-02T10:00:00\nresponded = 2026-02-02T15:00:00\n'
    agree(one, fee + level + 'hours = "Mon-Fri 09:00-17:00"\n' + call)


def held_money(one: Company) -> None:
    works = '[[term]]\nname = "works"\nkind = "milestone"\nmilestones = [{ name = "first fix", on = 2026-02-01, amount = 4000.00 }]\n'
    kept = '[[term]]\nname = "kept"\nkind = "retention"\nof = ["works"]\npercent = 5\nreleases = [{ on = 2026-03-01 }]\n'
    agree(one, works + kept)


def no_tax_number(one: Company) -> None:
    write(one, ("term", {"id": "term", "tax": "reverse charge"}), ("client", {"id": "acme", "tax_id": "unknown"}))


def twice_as_dear(one: Company) -> None:
    agree(one, '[[term]]\nname = "fee"\namount = 100.00\n[[revision]]\nterm = "fee"\nwhat = "price"\non = 2026-04-01\namount = 250.00\n')
    one.do("bill C205")
    one.wait(30 * 24 * 60)


def on_the_card_twice(one: Company) -> None:
    done_1008(one, "card 1008 mended")
    row = {"job": one.ids["older"], "technician": one.ids["ben"], "start": one.now, "minutes": 60, "kind": "labour"}
    write(one, ("labour", row), ("labour", row))


def not_accepted(one: Company) -> None:
    one.do("bill C204", "dispute LDN-I0001 line:2 was away in february")


def money_for_nothing(one: Company) -> None:
    one.do("bill C204")
    write(one, ("payment", {"client": one.ids["acme"], "amount": 34800, "currency": "GBP", "reference": "BACS 9", "day": date(2026, 3, 3)}))


def number_missing(one: Company) -> None:
    paper = {"kind": "invoice", "client": one.ids["acme"], "currency": "GBP", "origin": "ours"}
    write(one, ("invoice", {**paper, "number": "LDN-I0001"}), ("invoice", {**paper, "number": "LDN-I0003"}))


def books_closed(one: Company) -> None:
    one.do("policy locked_until 2026-02-01")


def taken_away(one: Company) -> None:
    write(one, ("term", {"id": "term", "kind": "per asset"}))
    one.do("bill C204")
    write(one, ("asset", {"id": "boiler", "removed": date(2026, 2, 1)}))


def no_contract(one: Company) -> None:
    write(one, ("asset", {"client": one.ids["acme"], "location": one.ids["hq"], "kind": "lift", "serial": "LIFT-9",
                          "installed": date(2026, 1, 5)}))  # fmt: skip


def nowhere_near(one: Company) -> None:
    one.do("d 1042 amy", "en amy", "a amy")
    write(one, ("location", {"id": "unit3", "lat": 525100000, "lon": -1900000}))
    trail(one, "amy", 60)
    one.wait(95)
    one.do("c 1042", "labour 1042 1h35", "card 1042 mended", 'sg 1042 "A Patel"')


def longer_than_there(one: Company) -> None:
    one.do("d 1042 amy", "en amy", "a amy")
    trail(one, "amy", 60)
    one.wait(95)
    one.do("c 1042", "labour 1042 3h", "card 1042 mended", 'sg 1042 "A Patel"')


def two_are_sent(one: Company) -> None:
    one.do("d 1042 amy", "en amy", "d 1008 amy", "en 1008 !! she says so")


def impossible(one: Company) -> None:
    write(one, ("term", {"contract": one.ids["c204"], "kind": "hours", "name": "support", "details": {"included": "lots"}}))


@dataclass(frozen=True)
class Told:
    """How a reason comes about, what completes its step (where the step asks), and what else makes it go."""

    reason: str
    comes: Callable[[Company], None]
    answer: str = ""
    then: tuple[str, ...] = ()


STORIES = (
    Told("complete_no_card", no_card, then=("card 1008 mended",)),
    Told("card_no_sign_off", no_sign_off, then=('sg 1008 "A Finch"',)),
    Told("no_labour_no_parts", nothing_recorded, then=("labour 1008 1h",)),
    Told("contract_period_unbilled", lambda one: None),
    Told("order_missing", order_wanted, then=("order 1008 4711",)),
    Told("no_ap_contact", nobody_pays, "Dora accounts@finch.example"),
    Told("no_rate", no_travel_rate, "40.00"),
    Told("nothing_covers", beside_the_contract, then=("order 1043 4711",)),
    Told("several_cover", two_contracts, "C204"),
    Told("contract_over", after_the_end, then=("order 1008 4711",)),
    Told("cover_doubtful", misused, "seen on the photo: wear"),
    Told("time_written_down", rounded_down, "agreed so"),
    Told("off_standard", far_from_usual, then=("waive 1008/off_standard panel was bricked in",)),
    Told("parts_not_billed", left_the_van),
    Told("unapproved", large_draft),
    Told("unapproved", thin_margin),
    Told("held_back", kept_back),
    Told("credit_not_rebilled", credited),
    Told("notice_near", ends_soon, "they stay"),
    Told("escalator_due", rise_without_notice),
    Told("meter_missing", unread, "130 2026-02-01", then=("reading 21-0093 160 2026-03-01",)),
    Told("meter_odd", backwards, "550 2026-03-01"),
    Told("meter_odd", backwards, "wrong 2026-03-01"),
    Told("visit_minimum", too_few_visits, then=("waive C205/visit_minimum credited by letter",)),
    Told("hours_gone", hours_used, then=("waive C205/hours_gone told on the telephone",)),
    Told("sla_missed", promise_missed, "waived their gate was locked"),
    Told("release_due", held_money, then=("!",)),
    Told("tax_missing", no_tax_number, then=("waive K1/tax_missing number on its way",)),
    Told("amount_moved", twice_as_dear, "new price from april"),
    Told("double_charge", on_the_card_twice, "two of them worked"),
    Told("disputed", not_accepted, "they are right"),
    Told("cash_unapplied", money_for_nothing),
    Told("series_gap", number_missing, "spoilt in the printer"),
    Told("behind_fence", books_closed, "billed by hand in january"),
    Told("asset_gone_billed", taken_away),
    Told("asset_uncovered", no_contract),
    Told("presence_without_trail", nowhere_near, then=("waive 1042/presence seen by the porter",)),
    Told("card_minutes_over_gps", longer_than_there, then=("waive 1042/card_minutes fetched parts",)),
    Told("two_at_once", two_are_sent),
    Told("contradiction", impossible, then=("!",)),
)
#: Told where two sites, or a visit's events, are at hand: test_exception, test_two_sites, test_hand_over, test_told.
ELSEWHERE = {"contested_edit", "double_reference", "event_misfit", "billed_without_right", "right_offered"}


def test_a_contradicting_meter_is_worth_what_its_term_came_to_before_and_says_how_to_mend_it(tmp_path: Path) -> None:
    one = company(tmp_path)
    backwards(one)
    (case,) = open_of(one, "meter_odd")
    parked = one.store.sql(
        "SELECT n.amount FROM case_charge x JOIN charge_now n ON n.key = x.charge_key WHERE x.case_key = ? AND n.fenced = 'parked'",
        (case.key,),
    )
    assert (case.value, parked) == (2000, [(2000,)])  # January: 400 units at £0.05
    assert "read wrong: reading 21-0093 wrong 2026-03-01" in case.evidence
    one.do("reading 21-0093 wrong 2026-03-01")
    assert not open_of(one, "meter_odd")
    one.do("u")
    assert open_of(one, "meter_odd")


def test_doubtful_cover_is_confirmed_or_billed_with_a_reason_and_either_is_taken_back(tmp_path: Path) -> None:
    one = company(tmp_path)
    misused(one)

    def stands() -> tuple[int, int, bool]:
        """(what the client is to pay for the job, what is covered, whether anybody asks)."""
        row = one.store.sql("SELECT sum(amount), sum(notional) FROM charge_now WHERE job = ?", (one.ids["job"],))[0]
        return row[0] or 0, row[1] or 0, bool(open_of(one, "cover_doubtful"))

    worth = stands()[1]
    assert stands() == (0, worth, True)
    one.desk.role = "dispatch"
    with pytest.raises(Refused, match="role"):
        one.do("uncover 1042 misuse on the photo")
    one.desk.role = "owner"
    done = one.do("uncover 1042 misuse on the photo")
    assert done.words == "LDN-1042: the client pays £117.00 that stood as covered: misuse on the photo"
    assert stands() == (worth, 0, False)
    reasons = [row[0] for row in one.store.sql("SELECT reason FROM charge_now WHERE job = ?", (one.ids["job"],))]
    assert reasons
    assert all("the client pays: misuse on the photo" in reason for reason in reasons)
    assert not open_of(one, "nothing_covers")
    with pytest.raises(Refused, match="already"):
        one.do("uncover 1042 again")
    one.do("u")
    assert stands() == (0, worth, True)
    one.do("uncover 1042 misuse on the photo", "covered 1042 it was wear after all")
    assert stands() == (0, worth, False)
    with pytest.raises(Refused, match="Nobody doubts"):
        one.do("covered 1042 really")


def open_of(one: Company, reason: str) -> list[exceptions.CaseRow]:
    return [each for each in exceptions.open_cases(one.store, one.now, limit=1000) if each.reason == reason]


def test_every_reason_is_told_here_or_elsewhere() -> None:
    assert {told.reason for told in STORIES} | ELSEWHERE == set(REASONS)


@pytest.mark.parametrize("told", STORIES, ids=lambda told: f"{told.reason}-{told.comes.__name__}")
def test_it_is_raised_seen_in_the_list_stepped_on_and_gone(told: Told, tmp_path: Path) -> None:
    one = company(tmp_path)
    told.comes(one)
    found = open_of(one, told.reason)
    assert found, [each.says for each in exceptions.open_cases(one.store, one.now)]
    case = found[0]

    # It says what is wrong, with its age, its evidence and one suggested step; scripts see the same.
    assert case.says
    assert case.step_verb or told.reason == "contradiction"
    assert case.age is None or case.age >= 0
    assert any(row["reason"] == told.reason for row in list_rows(one.store, "exceptions", {}, 0, one.now))
    assert case_meant(one.desk, case.key).key == case.key

    # The step is one key: done at once, or put on the prompt to be completed; somebody without the role is refused.
    if case.step_verb:
        viewer, one.desk.role = one.desk.role, "viewer"
        with pytest.raises(Refused, match="role"):
            verbs.run(one.desk, f"own {case.key}")
        one.desk.role = viewer
        before = one.store.sql("SELECT count(*) FROM log")[0][0]
        taken = verbs.take_step(one.desk, case.key)
        if isinstance(taken, str):
            assert told.answer, taken
            verbs.run(one.desk, taken + told.answer)
        looks = case.step_verb.startswith("find ")
        assert looks or one.store.sql("SELECT count(*) FROM log")[0][0] > before  # it stands in the audit trail
    one.wait(1)
    for line in told.then:
        if line != "!":
            one.do(line)
    left = [each.key for each in open_of(one, told.reason)]
    assert case.key not in left or "!" in told.then
