"""Who bears the cost of work on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

from fsconsole.rules.coverage import Coverage, coverage
from fsconsole.values.terms import Contract, Cover
from fsconsole.values.work import Asset, Id, Job

CLIENT, UNIT3, BOILER = Id(b"client"), Id(b"unit3"), Id(b"boiler")
JOB = Job(id=Id(b"job"), client=CLIENT, location=UNIT3, asset=BOILER)
ASSET = Asset(id=BOILER, maker="Vaillant", model="ecoTEC", serial="77", warranty_until=date(2026, 4, 16))
CARE = Contract(id=Id(b"care"), ref="LDN-K7", client=CLIENT, start=date(2026, 1, 1))
NOON = datetime(2026, 4, 20, 12, tzinfo=UTC)


def cover(contract: Contract = CARE, **more: Any) -> Cover:
    return replace(Cover(id=Id(b"cover" + contract.id), contract=contract.id, asset=BOILER), **more)


def decide(job: Job = JOB, at: datetime = NOON, **more: Any) -> Coverage:
    given: dict[str, Any] = {"asset": ASSET, "contracts": [CARE], "covers": [cover()]}
    return coverage(job, at, **{**given, **more})


def who(found: Coverage) -> tuple[str, str, str]:
    return found.labour, found.parts, found.call_out


def test_a_repair_under_warranty_is_borne_by_the_warranty() -> None:
    found = decide(at=datetime(2026, 4, 15, 12, tzinfo=UTC))
    assert who(found) == ("warranty", "warranty", "warranty")
    assert found.reason == "Vaillant ecoTEC s/n 77 is under warranty until 15 Apr 2026"


def test_a_warranty_ends_with_the_local_day_and_not_with_the_day_in_utc() -> None:
    at = datetime(2026, 4, 15, 19, 30, tzinfo=UTC)  # the morning of the 16th in Auckland
    assert decide(at=at, timezone="Europe/London").labour == "warranty"
    assert decide(at=at, timezone="Pacific/Auckland").labour == "contract"
    abroad = replace(CARE, timezone="Pacific/Auckland")
    chosen = replace(JOB, contract=CARE.id)
    assert decide(chosen, at, contracts=[abroad], timezone="Europe/London").labour == "contract"


def test_a_warranty_does_not_pay_for_planned_maintenance() -> None:
    at = datetime(2026, 4, 15, 12, tzinfo=UTC)
    assert decide(replace(JOB, kind="maintenance"), at).labour == "contract"


def test_goodwill_gives_everything_away_with_its_reason() -> None:
    found = decide(replace(JOB, goodwill="we broke it"))
    assert who(found) == ("goodwill", "goodwill", "goodwill")
    assert found.reason == "given as goodwill: we broke it"


def test_a_contract_covers_what_its_cover_includes() -> None:
    found = decide()
    assert who(found) == ("contract", "", "contract")
    assert found.contract == CARE.id
    assert found.reason == "contract LDN-K7 covers labour and call-out"
    assert decide(covers=[cover(parts=True, call_out=False)]).reason == "contract LDN-K7 covers labour and parts"


def test_a_cover_for_the_location_covers_what_stands_there() -> None:
    assert decide(covers=[cover(asset=None, location=UNIT3)]).labour == "contract"
    assert decide(covers=[cover(asset=None, location=Id(b"unit4"))]).labour == ""


def test_a_cover_for_nothing_in_particular_covers_its_own_client_alone() -> None:
    assert decide(covers=[cover(asset=None)]).labour == "contract"
    assert decide(replace(JOB, client=Id(b"other")), covers=[cover(asset=None)]).labour == ""


def test_a_cover_for_the_asset_decides_where_one_for_its_location_says_otherwise() -> None:
    both = [cover(labour=False), cover(id=Id(b"wide"), asset=None, location=UNIT3, parts=True)]
    assert who(decide(covers=both)) == ("", "", "contract")


def test_a_cover_names_an_asset_by_the_id_it_had_or_by_the_one_it_became() -> None:
    became = replace(ASSET, id=Id(b"new boiler"), warranty_until=None)
    assert decide(asset=became).labour == "contract"
    assert decide(asset=became, covers=[cover(asset=became.id)]).labour == "contract"


def test_work_outside_the_cover_s_dates_is_the_client_s() -> None:
    late = cover(start=date(2026, 4, 21))
    over = cover(end=date(2026, 4, 20))
    assert decide(covers=[late]).labour == ""
    assert decide(covers=[over]).labour == ""
    assert decide(covers=[cover(end=date(2026, 4, 21))]).labour == "contract"


def test_an_ended_contract_covers_nothing_and_the_reason_says_when_it_ended() -> None:
    ended = replace(CARE, end=date(2026, 4, 1))
    found = decide(replace(JOB, contract=CARE.id), contracts=[ended])
    assert who(found) == ("", "", "")
    assert found.reason == "contract LDN-K7 ended on 31 Mar 2026"


def test_two_contracts_that_match_are_put_to_a_person_and_cover_nothing_meanwhile() -> None:
    other = replace(CARE, id=Id(b"other"), ref="LDN-K8")
    found = decide(contracts=[CARE, other], covers=[cover(), cover(other)])
    assert found.ambiguous
    assert found.among == (CARE.id, other.id)
    assert who(found) == ("", "", "")
    assert found.reason == "contract LDN-K7 and contract LDN-K8 each cover it: choose the contract on the job"


def test_a_contract_for_the_asset_goes_before_one_for_its_location() -> None:
    wide = replace(CARE, id=Id(b"wide"), ref="LDN-K8")
    found = decide(contracts=[CARE, wide], covers=[cover(), cover(wide, asset=None, location=UNIT3)])
    assert (found.contract, found.ambiguous) == (CARE.id, False)


def test_the_contract_chosen_on_the_job_settles_it() -> None:
    other = replace(CARE, id=Id(b"other"), ref="LDN-K8")
    found = decide(replace(JOB, contract=other.id), contracts=[CARE, other], covers=[cover(), cover(other, parts=True)])
    assert (found.contract, found.parts) == (other.id, "contract")


def test_a_job_that_nothing_covers_says_so() -> None:
    assert decide(contracts=[], covers=[]).reason == "no contract covers it"
    assert decide(replace(JOB, contract=CARE.id), covers=[]).reason == "contract LDN-K7 covers no work"


def test_any_order_of_contracts_and_covers_gives_the_same_answer() -> None:
    other = replace(CARE, id=Id(b"other"), ref="LDN-K8")
    covers = [cover(), cover(other), cover(other, id=Id(b"x"), parts=True), cover(id=Id(b"y"), asset=None)]
    answers = {
        decide(contracts=list(deals), covers=list(order))
        for deals in permutations([CARE, other])
        for order in permutations(covers)
    }
    assert len(answers) == 1


def test_what_is_gone_covers_nothing() -> None:
    assert decide(covers=[cover(gone=True)]).labour == ""
    assert decide(contracts=[replace(CARE, gone=True)]).labour == ""
