"""Where a job's story contradicts itself: claimed presence, hours, two technicians, events that do not fit."""

from __future__ import annotations

from fsconsole.rules.checks.about import chase, job_case, name_of, ref_of, then
from fsconsole.rules.checks.reasons import worth
from fsconsole.rules.facts import JobFacts, Presence
from fsconsole.rules.job import EPOCH, Fold, double, in_order, step
from fsconsole.rules.rates import clock
from fsconsole.rules.words import called, count, hhmm, listed, metres, moment
from fsconsole.values.bill import Charge, ExceptionCase, Step
from fsconsole.values.money import split
from fsconsole.values.work import NO_ID, Column, Id


def _visit_charges(facts: JobFacts, minutes: int) -> tuple[list[Charge], int]:
    """The time charges of a job, and the share of them that so many of its claimed minutes make."""
    charges = [charge for charge in facts.charges if charge.kind == "labour" and charge.amount > 0]
    claimed = sum(entry.minutes for entry in facts.labour if not entry.void and entry.kind == "labour")
    total = worth(charges)
    if claimed <= minutes:
        return charges, total
    return charges, split(total, [minutes, claimed - minutes])[0] if minutes else 0


def presence_without_trail(facts: JobFacts) -> list[ExceptionCase]:
    """A visit claims time on site, and the technician's trail was never near it then."""
    found: list[ExceptionCase] = []
    for fold, seen in _with_presence(facts):
        who = facts.technicians.get(fold.visit.technician or NO_ID)
        first, last = fold.spans[0].start, fold.spans[-1].end
        if last is None or seen.on_site or (who is not None and who.subcontractor):
            continue
        limit = then(facts, first).presence_metres
        if seen.fixes and (seen.nearest is None or seen.nearest <= limit):
            continue
        claim = f"{hhmm(first, facts.timezone)}–{hhmm(last, facts.timezone)}"
        where = "there is no trail from that time"
        if seen.fixes and seen.nearest is not None:
            where = f"the trail came no nearer than {metres(seen.nearest)} ({count(seen.fixes, 'fix', 'fixes')})"
        minutes = sum(
            entry.minutes for entry in facts.labour if entry.visit == fold.visit.id and not entry.void and entry.kind == "labour"
        )
        charges, value = _visit_charges(facts, minutes)
        found.append(
            job_case(
                facts,
                "presence_without_trail",
                f"{called(who)} on site {claim} by the record, {where}: {name_of(facts)}",
                detail=fold.visit.id.hex(),
                charges=charges,
                value=value,
                since=last,
                waits_for=called(who),
                step=chase(facts, who, f"ask {called(who)}"),
                evidence=[f"near is within {limit} m", f"on site {moment(first, facts.timezone)}"],
            )
        )
    return found


def _with_presence(facts: JobFacts) -> list[tuple[Fold, Presence]]:
    seen = {each.visit: each for each in facts.presence}
    return [
        (fold, seen[fold.visit.id])
        for fold in facts.visits
        if fold.visit.id in seen and fold.spans and not fold.visit.gone and facts.column is not Column.CLOSED
    ]


def card_minutes_over_gps(facts: JobFacts) -> list[ExceptionCase]:
    """The card claims more time on site than the trail shows, by more than the policy lets pass."""
    found: list[ExceptionCase] = []
    for fold, seen in _with_presence(facts):
        last = fold.spans[-1].end
        claimed = sum(
            entry.minutes for entry in facts.labour if entry.visit == fold.visit.id and not entry.void and entry.kind == "labour"
        )
        over = claimed - seen.minutes
        if last is None or not seen.on_site or over <= then(facts, last).gap_minutes:
            continue
        who = facts.technicians.get(fold.visit.technician or NO_ID)
        charges, value = _visit_charges(facts, over)
        stays = [f"{hhmm(stay.start, facts.timezone)}–{hhmm(stay.end, facts.timezone)}" for stay in seen.on_site]
        found.append(
            job_case(
                facts,
                "card_minutes_over_gps",
                f"GPS says {clock(seen.minutes)} on site, card says {clock(claimed)}: {name_of(facts)}",
                detail=fold.visit.id.hex(),
                charges=charges,
                value=value,
                since=last,
                waits_for=called(who),
                step=chase(facts, who, f"ask {called(who)} about {clock(over)}"),
                evidence=[f"on site by GPS {listed(stays)}", f"the gap is {clock(over)}"],
            )
        )
    return found


def job_two_at_once(facts: JobFacts) -> list[ExceptionCase]:
    """Two technicians were sent to this job in visits of their own."""
    by: dict[Id, list[Fold]] = {}
    for fold in facts.visits:
        if fold.visit.technician:
            by.setdefault(fold.visit.technician, []).append(fold)
    found: list[ExceptionCase] = []
    if len(by) < 2:
        return found
    for each in double(by):
        if each.what != "two technicians":
            continue
        pair = sorted((each.first, each.second), key=lambda fold: (fold.since or EPOCH, fold.visit.id))
        one, two = (facts.technicians.get(fold.visit.technician or NO_ID) for fold in pair)
        code = two.code if two else ""
        more = [facts.technicians.get(fold.visit.technician or NO_ID) for fold in each.others]
        both = f"{called(one)} ({pair[0].state}) and {called(two)} ({pair[1].state}) both"
        if more:
            named = listed(f"{called(who)} ({fold.state})" for who, fold in zip(more, each.others, strict=True))
            both = f"{called(one)} ({pair[0].state}), {called(two)} ({pair[1].state}) and beside them {named}"
        found.append(
            job_case(
                facts,
                "two_at_once",
                f"{both} on {ref_of(facts)}: {name_of(facts)}",
                detail=each.which,
                since=each.start,
                step=Step(verb=f"off {code} ", words=f"take {called(two)} off"),
            )
        )
    return found


def event_misfit(facts: JobFacts) -> list[ExceptionCase]:
    """Something was recorded about a visit that its story does not allow; one case for each visit."""
    found: list[ExceptionCase] = []
    if facts.column is Column.CLOSED:
        return found
    for fold in facts.visits:
        if not fold.misfits or fold.visit.gone:
            continue
        lines = _misfit_lines(facts, fold)
        odd = fold.misfits[0]
        name = f"{ref_of(facts)}/{fold.visit.number}"
        more = f" (and {count(len(lines) - 1, 'other')})" if len(lines) > 1 else ""
        found.append(
            job_case(
                facts,
                "event_misfit",
                f"{name}: {lines[0]}{more}",
                detail=fold.visit.id.hex(),
                since=odd.at,
                step=Step(verb=f"find {ref_of(facts)}", words="read its story"),
                evidence=lines,
            )
        )
    return found


def _misfit_lines(facts: JobFacts, fold: Fold) -> list[str]:
    odd = {event.id for event in fold.misfits}
    lines: list[str] = []
    so_far = Fold(visit=fold.visit)
    told = [*facts.events, *fold.misfits]
    for event in in_order(event for event in told if event.visit == fold.visit.id):
        at = f" at {moment(event.at, facts.timezone)}" if event.at else ""
        if event.id in odd:
            lines.append(f"“{event.what}”{at} does not fit, it was {so_far.state} then")
        so_far = step(so_far, event) or so_far
    return lines
