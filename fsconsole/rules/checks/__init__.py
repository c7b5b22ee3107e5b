"""Why a charge cannot go out, or should not yet: one function per reason, each ``(facts) -> [ExceptionCase]``.

    reasons   every reason with its words, and how a case is put together
    about     what every check of a job asks first
    papers    finished work: card, sign-off, hours, order, price, cover
    story     a job's story: presence, hours, two technicians, events that do not fit
    agreed    contracts and clients: periods, orders, equipment, contacts, fences, billing rights
    rows      technicians in two places; fields written at two sites; references borne twice

Always: nothing here asks what time it is. A case that begins or ends with time says so in ``since`` and
``until``, and whoever shows it compares them with the clock. The same facts give the same keys everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

from fsconsole.rules.checks.agreed import (
    asset_gone_billed,
    asset_uncovered,
    behind_fence,
    billed_without_right,
    contract_no_rate,
    contract_order_missing,
    contract_period_unbilled,
    no_ap_contact,
    right_offered,
)
from fsconsole.rules.checks.papers import (
    card_no_sign_off,
    complete_no_card,
    no_labour_no_parts,
    no_rate,
    nothing_covers,
    order_missing,
)
from fsconsole.rules.checks.reasons import REASONS, Reason
from fsconsole.rules.checks.rows import contested_edit, double_reference, technician_two_at_once
from fsconsole.rules.checks.story import (
    card_minutes_over_gps,
    event_misfit,
    job_two_at_once,
    presence_without_trail,
)
from fsconsole.rules.facts import ClientFacts, ContractFacts, Facts, JobFacts, RowFacts, TechnicianFacts
from fsconsole.values.bill import ExceptionCase

__all__ = ["CLIENT", "CONTRACT", "JOB", "REASONS", "ROW", "TECHNICIAN", "Reason", "cases"]

JOB: tuple[Callable[[JobFacts], list[ExceptionCase]], ...] = (
    complete_no_card,
    card_no_sign_off,
    no_labour_no_parts,
    order_missing,
    no_rate,
    nothing_covers,
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
    contract_no_rate,
    asset_gone_billed,
    behind_fence,
    billed_without_right,
    right_offered,
)
CLIENT: tuple[Callable[[ClientFacts], list[ExceptionCase]], ...] = (no_ap_contact, asset_uncovered)
TECHNICIAN: tuple[Callable[[TechnicianFacts], list[ExceptionCase]], ...] = (technician_two_at_once,)
ROW: tuple[Callable[[RowFacts], list[ExceptionCase]], ...] = (contested_edit, double_reference)


def cases(facts: Facts) -> list[ExceptionCase]:
    """Every case about one thing, in the order in which the reasons are listed."""
    match facts:
        case JobFacts():
            return [each for check in JOB for each in check(facts)]
        case ContractFacts():
            return [each for check in CONTRACT for each in check(facts)]
        case ClientFacts():
            return [each for check in CLIENT for each in check(facts)]
        case TechnicianFacts():
            return [each for check in TECHNICIAN for each in check(facts)]
        case RowFacts():
            return [each for check in ROW for each in check(facts)]
