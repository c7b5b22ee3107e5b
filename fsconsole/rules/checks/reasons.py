"""Every reason for an exception there is, with its words; and how a case is put together.

A step is a verb as typed at the prompt. One that ends in a space wants something more: it is put on the
prompt for a person to complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from fsconsole.values.bill import Charge, ExceptionCase, Step, rests_on
from fsconsole.values.money import show
from fsconsole.values.twin import twin_of
from fsconsole.values.work import Id


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong in a few words, the role that usually clears it, and one line of help."""

    words: str
    role: str
    help: str


REASONS: dict[str, Reason] = {
    "complete_no_card": Reason(
        "complete, no card", "dispatch", "The work is done, but no job card came in; chase the technician for it."
    ),
    "card_no_sign_off": Reason(
        "card, no sign-off", "billing", "The card is in, but nobody accepted the work in a way that may bill."
    ),
    "no_labour_no_parts": Reason(
        "no labour and no parts", "dispatch", "Nothing was recorded as used; add it, or confirm that it was nothing."
    ),
    "contract_period_unbilled": Reason(
        "contract period not billed", "billing", "A period of a contract has fallen due and was not billed."
    ),
    "order_missing": Reason(
        "order number missing", "billing", "The client wants an order number, and there is none that still holds."
    ),
    "no_ap_contact": Reason(
        "nobody to send invoices to", "billing", "The client has no accounts-payable contact and no e-mail address."
    ),
    "no_rate": Reason("no rate", "billing", "There is no price for this work on that day; set one, never 0."),
    "nothing_covers": Reason(
        "nothing covers it", "billing", "The client has contracts but none covers this: agree, add or give it away."
    ),
    "asset_gone_billed": Reason(
        "billed, but gone", "billing", "Equipment that was removed is still billed; end its line and credit the rest."
    ),
    "asset_uncovered": Reason(
        "on no contract", "billing", "Equipment stands at a client with contracts, and none of them covers it."
    ),
    "presence_without_trail": Reason(
        "no trail near it", "dispatch", "Time on site is claimed, but the technician's trail was not near."
    ),
    "two_at_once": Reason(
        "two at once", "dispatch", "One technician is at two jobs, or two technicians were sent to one job."
    ),
    "contested_edit": Reason(
        "written at two sites", "dispatch", "Two sites wrote the same field unknown to each other; choose."
    ),
    "behind_fence": Reason(
        "behind a fence", "billing", "A difference for a time that is closed or was billed elsewhere; decide on it."
    ),
    "card_minutes_over_gps": Reason(
        "more hours than on site", "dispatch", "The card claims more time than the trail shows on site."
    ),
    "event_misfit": Reason(
        "an event does not fit", "dispatch", "What was recorded contradicts the rest of the visit's story."
    ),
    "contradiction": Reason(
        "contradicts itself", "billing", "What stands about it cannot be put in order; it alone is parked until mended."
    ),
    "double_reference": Reason(
        "one reference, two things", "owner", "Two things bear the same reference, usually after a restored backup."
    ),
    "billed_without_right": Reason(
        "billed without the right", "billing", "A site billed what another one bills; credit it, and ask that site why."
    ),
    "right_offered": Reason(
        "billing right on offer", "billing", "One site offered the billing to another, which must accept or decline it."
    ),
    "several_cover": Reason(
        "several cover it", "billing", "More than one contract covers this work; choose, or a lower price is thrown away."
    ),
    "contract_over": Reason(
        "contract over", "billing", "Work goes on after its contract ended: renew it, or bill at list price."
    ),
    "cover_doubtful": Reason(
        "is it covered?", "billing", "Covered, but misuse is on the card or the cover ended while the job ran: decide with proof."
    ),
    "time_written_down": Reason(
        "time written down", "billing", "Less time is billed than was worked; accept it, or put it right."
    ),
    "off_standard": Reason(
        "off the standard", "billing", "Labour or parts are far from what such a job usually takes."
    ),
    "parts_not_billed": Reason(
        "parts on no job", "dispatch", "Parts left a van by its counts and stand on no job: add them, or count again."
    ),
    "unapproved": Reason(
        "not approved", "billing", "By policy a draft of this size or margin is approved before it goes out."
    ),
    "held_back": Reason("held back", "billing", "A person holds it back, with the reason; free lets it go."),
    "credit_not_rebilled": Reason(
        "credited, not billed again", "billing", "What was credited is due still and was not billed again."
    ),
    "notice_near": Reason(
        "notice day near", "billing", "The last day to give notice, or the end of the contract, is near: decide."
    ),
    "escalator_due": Reason(
        "price rise not applied", "billing", "By agreement the price was to rise, and it is charged as before."
    ),
    "meter_missing": Reason(
        "no meter reading", "billing", "A period is over and its meter was not read: chase it, or bill an estimate."
    ),
    "meter_odd": Reason(
        "odd meter reading", "billing", "A reading went backwards or is far from the usual: accept it, or put it right."
    ),
    "visit_minimum": Reason(
        "visits promised, not made", "dispatch", "Fewer visits were made than promised: schedule them, or credit."
    ),
    "hours_gone": Reason(
        "included hours used up", "billing", "The hours included are nearly or all used: warn the client, or bill what is over."
    ),
    "tax_missing": Reason(
        "tax number missing", "billing", "Without a valid tax number or certificate, tax must be charged."
    ),
    "amount_moved": Reason(
        "amount moved", "billing", "A period comes to much more or less than the last one: say why, or hold it."
    ),
    "double_charge": Reason(
        "charged twice?", "billing", "Two lines seem to charge the same thing for the same time: drop one, or keep both."
    ),
    "disputed": Reason(
        "disputed", "billing", "The client does not accept it: credit it, or uphold it. Only this line is not chased."
    ),
    "sla_missed": Reason(
        "SLA missed, no decision", "billing", "A promise with a credit was missed: credit it, or waive it with the reason."
    ),
    "cash_unapplied": Reason(
        "cash not applied", "billing", "Money came in that stands on no document, or is not what the document says."
    ),
    "release_due": Reason(
        "deposit or retention due", "billing", "A deposit was not deducted, or what was held back may be billed now."
    ),
    "series_gap": Reason(
        "gap in the numbers", "owner", "A number of a gapless series is missing, or two documents bear one number."
    ),
}  # fmt: skip


#: What takes a case on once whoever it waits for was asked: the line that records the answer, {ref} and {case} filled in.
ANSWERS: dict[str, Step] = {
    "complete_no_card": Step(verb="card {ref} ", words="type the card"),
    "card_no_sign_off": Step(verb="sg {ref} ", words="say who accepted it"),
    "no_labour_no_parts": Step(verb="labour {ref} ", words="type the hours"),
    "order_missing": Step(verb="order {ref} ", words="type the order number"),
    "nothing_covers": Step(verb="waive {case} ", words="agreed: say how"),
    "contract_over": Step(verb="waive {case} ", words="agreed: say how"),
    "tax_missing": Step(verb="client {ref} tax:", words="type the tax number"),
}
#: Of all others the answer is why it may go on.
ANSWERED = Step(verb="waive {case} ", words="say what was answered")


#: A case while it is put together: every period of every contract has one.
_Case = twin_of(
    ExceptionCase,
    ["key", "reason", "thing", "thing_kind", "job", "contract", "client", "says", "value", "credit", "charges", "since", "until",
     "waits_for", "step", "evidence"],
)  # fmt: skip


def case(
    reason: str,
    thing: Id,
    kind: str,
    says: str,
    *,
    detail: str = "",
    charges: Iterable[Charge] = (),
    value: int | None = None,
    credit: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    waits_for: str = "",
    step: Step | None = None,
    evidence: Iterable[str] = (),
    job: Id | None = None,
    contract: Id | None = None,
    client: Id | None = None,
) -> ExceptionCase:
    """One case; its key is reason and thing (and ``detail`` where a thing may have several).

    The value is what the charges held up come to, unless it is given.
    """
    held = tuple(charges)
    key = f"{reason}:{thing.hex()}" + (f":{detail}" if detail else "")
    found = _Case(
        key, reason, thing, kind, job, contract, client, says, worth(held) if value is None else value, credit,
        tuple([charge.key for charge in held]), since, until, waits_for, step, tuple(evidence),
    )  # fmt: skip
    found.__class__ = ExceptionCase
    return found  # type: ignore[no-any-return]


def worth(charges: Iterable[Charge]) -> int:
    """What charges bring in, in minor units: what is taken off one of them lessens it, what we owe on others does not."""
    some = list(charges)
    total = sum(charge.amount for charge in some if charge.amount > 0)
    less = [charge for charge in some if charge.amount < 0]
    keys = {charge.key for charge in some if charge.amount > 0} if less else ()
    return total + sum(charge.amount for charge in less if rests_on(charge.key) in keys)


def by_day(charges: Iterable[Charge]) -> list[Charge]:
    """Charges in the order in which they may be billed."""
    return sorted(charges, key=lambda each: (each.billable_from or date.min, each.key))


def with_off(held: Iterable[Charge], every: Iterable[Charge]) -> list[Charge]:
    """Charges, and behind each what is only taken off it: that waits where its line waits."""
    off: dict[str, list[Charge]] = {}
    for charge in every:
        if charge.amount < 0 and (line := rests_on(charge.key)):
            off.setdefault(line, []).append(charge)
    some = list(held)
    there = {charge.key for charge in some}
    return [each for charge in some for each in (charge, *(c for c in off.get(charge.key, ()) if c.key not in there))]


def net(each: ExceptionCase, charges: Sequence[Charge]) -> ExceptionCase:
    """A case that holds up what is taken off its lines as well, and is worth that much less."""
    if not each.charges or not any(charge.amount < 0 for charge in charges):
        return each
    keys = set(each.charges)
    held = [charge for charge in charges if charge.key in keys]
    whole = with_off(held, charges)
    off = [charge for charge in whole if charge.key not in keys]
    if not off:
        return each
    before = worth(held)
    less = worth(whole) - before if each.value >= before else 0
    said = [f"{show(charge.amount, charge.currency)} is taken off: {charge.reason}" for charge in off]
    return replace(
        each, charges=(*each.charges, *(c.key for c in off)), value=max(0, each.value + less), evidence=(*each.evidence, *said)
    )
