"""Why a charge cannot go out, or should not yet: one function per reason, each ``(facts) -> [ExceptionCase]``.

    reasons   every reason with its words, and how a case is put together
    about     what every check of a job asks first
    papers    finished work: card, sign-off, hours, order, price
    covered   finished work: covered by nothing, by several, by what is over, in doubt
    measured  finished work: time written down, off its standard, charged twice
    story     a job's story: presence, hours, two technicians, events that do not fit
    agreed    contracts and clients: periods, orders, equipment, contacts, fences, billing rights
    ahead     contracts: notice days, periods unlike the last, equipment charged twice
    usage     contracts: readings, visits, hours, rises, missed promises, what may be released
    decided   held back, credited and not billed again, not approved, disputed
    cash      money in, tax numbers, gaps in a series, parts gone from a van
    rows      technicians in two places; fields written at two sites; references borne twice

Always: nothing here asks what time it is. A case that begins or ends with time says so in ``since`` and
``until``, and whoever shows it compares them with the clock. The same facts give the same keys everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fsconsole.rules.checks.agreed import (
    asset_gone_billed,
    asset_uncovered,
    behind_fence,
    billed_without_right,
    contract_contradiction,
    contract_order_missing,
    contract_period_unbilled,
    no_ap_contact,
    right_offered,
)
from fsconsole.rules.checks.ahead import amount_moved, client_double_charge, notice_near
from fsconsole.rules.checks.cash import cash_unapplied, parts_not_billed, series_gap, tax_missing
from fsconsole.rules.checks.covered import contract_over, cover_doubtful, nothing_covers, several_cover
from fsconsole.rules.checks.decided import credit_not_rebilled, disputed, held_back, unapproved
from fsconsole.rules.checks.measured import job_double_charge, off_standard, time_written_down
from fsconsole.rules.checks.papers import card_no_sign_off, complete_no_card, no_labour_no_parts, no_rate, order_missing
from fsconsole.rules.checks.reasons import REASONS, Reason, net
from fsconsole.rules.checks.rows import contested_edit, double_reference, technician_two_at_once
from fsconsole.rules.checks.story import (
    card_minutes_over_gps,
    event_misfit,
    job_two_at_once,
    presence_without_trail,
)
from fsconsole.rules.checks.usage import (
    contract_time_written_down,
    escalator_due,
    hours_gone,
    meter_missing,
    meter_odd,
    release_due,
    sla_missed,
    visit_minimum,
)
from fsconsole.rules.facts import ClientFacts, ContractFacts, Facts, JobFacts, RowFacts, SiteFacts, TechnicianFacts
from fsconsole.values.bill import ExceptionCase

__all__ = ["CLIENT", "CONTRACT", "JOB", "REASONS", "ROW", "SITE", "TECHNICIAN", "Reason", "cases"]

JOB: tuple[Callable[[JobFacts], list[ExceptionCase]], ...] = (
    complete_no_card,
    card_no_sign_off,
    no_labour_no_parts,
    order_missing,
    no_rate,
    nothing_covers,
    several_cover,
    contract_over,
    cover_doubtful,
    time_written_down,
    off_standard,
    job_double_charge,
    credit_not_rebilled,
    held_back,
    presence_without_trail,
    card_minutes_over_gps,
    job_two_at_once,
    event_misfit,
    behind_fence,
    billed_without_right,
    right_offered,
)
CONTRACT: tuple[Callable[[ContractFacts], list[ExceptionCase]], ...] = (
    contract_period_unbilled,
    contract_order_missing,
    contract_contradiction,
    asset_gone_billed,
    amount_moved,
    notice_near,
    meter_missing,
    meter_odd,
    visit_minimum,
    hours_gone,
    contract_time_written_down,
    escalator_due,
    sla_missed,
    release_due,
    credit_not_rebilled,
    held_back,
    behind_fence,
    billed_without_right,
    right_offered,
)
CLIENT: tuple[Callable[[ClientFacts], list[ExceptionCase]], ...] = (
    no_ap_contact,
    asset_uncovered,
    unapproved,
    disputed,
    tax_missing,
    cash_unapplied,
    client_double_charge,
)
TECHNICIAN: tuple[Callable[[TechnicianFacts], list[ExceptionCase]], ...] = (technician_two_at_once, parts_not_billed)
ROW: tuple[Callable[[RowFacts], list[ExceptionCase]], ...] = (contested_edit, double_reference)
SITE: tuple[Callable[[SiteFacts], list[ExceptionCase]], ...] = (series_gap,)


def cases(facts: Facts) -> list[ExceptionCase]:
    """Every case about one thing, in the order in which the reasons are listed; less than a policy's least is left out."""
    found = _found(facts)
    if not isinstance(facts, TechnicianFacts | RowFacts | SiteFacts):
        found = [net(each, facts.charges) for each in found]
    least = {} if isinstance(facts, TechnicianFacts | RowFacts | SiteFacts) else facts.policies.latest.least
    return [each for each in found if each.value >= least.get(each.reason, 0)] if least else found


#: Checks of a client that hold up whatever is to be billed: what is owed in two currencies is two cases.
EACH_CURRENCY = (no_ap_contact, tax_missing)


def _by_currency(check: Callable[[ClientFacts], list[ExceptionCase]], facts: ClientFacts) -> list[ExceptionCase]:
    money = sorted({charge.currency or facts.currency for charge in facts.charges if charge.amount > 0})
    if check not in EACH_CURRENCY or len(money) < 2:
        return check(facts)
    found = []
    for one in money:
        mine = tuple(charge for charge in facts.charges if (charge.currency or facts.currency) == one)
        cases_ = check(replace(facts, charges=mine))
        found += cases_ if one == facts.currency else [replace(each, key=f"{each.key}:{one}") for each in cases_]
    return found


def _found(facts: Facts) -> list[ExceptionCase]:
    match facts:
        case JobFacts():
            return [each for check in JOB for each in check(facts)]
        case ContractFacts():
            return [each for check in CONTRACT for each in check(facts)]
        case ClientFacts():
            return [each for check in CLIENT for each in _by_currency(check, facts)]
        case TechnicianFacts():
            return [each for check in TECHNICIAN for each in check(facts)]
        case RowFacts():
            return [each for check in ROW for each in check(facts)]
        case SiteFacts():
            return [each for check in SITE for each in check(facts)]
