"""What is wrong with a technician's whereabouts, and with single rows: contested fields, references borne twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from fsconsole.rules.checks.reasons import case
from fsconsole.rules.facts import Contested, RowFacts, TechnicianFacts
from fsconsole.rules.job import Fold, double
from fsconsole.rules.words import called, count, hhmm, listed, moment, short
from fsconsole.values.bill import ExceptionCase, Step
from fsconsole.values.work import NO_ID, State

#: Visits beside the first two that a case names, at most.
NAMED = 12


def technician_two_at_once(facts: TechnicianFacts) -> list[ExceptionCase]:
    """A technician in two places: under way to or at two jobs, on site twice at one time, or sent twice for one hour."""
    found: list[ExceptionCase] = []
    who = facts.technician
    for each in double({who.id: facts.visits}):
        if each.what != "two jobs":
            continue
        one, two = sorted((each.first, each.second), key=lambda f: (f.since is not None, f.since, f.visit.id))
        refs = [short(facts.refs.get(fold.visit.job or NO_ID, "?"), facts.series) for fold in (one, two)]
        states = [fold.state.value for fold in (one, two)]
        if states[0] == states[1]:
            says = f"{called(who)} is {states[0]} twice, at {refs[0]} and {refs[1]}"
        else:
            says = f"{called(who)} is {states[0]} at {refs[0]} and {states[1]} at {refs[1]}"
        step = Step(verb=f"c {refs[0]} ", words=f"say how {refs[0]} ended")
        if one.state in (State.DISPATCHED, State.EN_ROUTE):
            step = Step(verb=f"off {refs[0]}", words=f"take {called(who)} off {refs[0]}")
        if each.start and each.end:
            times = f"{moment(each.start, facts.timezone)}–{hhmm(each.end, facts.timezone)}"
            says = f"{called(who)} was at {refs[0]} and at {refs[1]} from {times}"
            step = Step(verb=f"chase {refs[1]} {who.code}", words=f"ask {called(who)}")
        evidence = [f"{ref}: {state}" for ref, state in zip(refs, states, strict=True)]
        if each.others:
            says = f"{says}, and at {count(len(each.others), 'other')}"
            evidence += _others(facts, each.others)
        found.append(
            case(
                "two_at_once",
                who.id,
                "technician",
                says,
                detail=each.which,
                since=each.start,
                waits_for=called(who),
                step=step,
                evidence=evidence,
                job=two.visit.job,
            )
        )
    return found


def _others(facts: TechnicianFacts, folds: Sequence[Fold]) -> list[str]:
    """A line for each further visit, up to NAMED of them; the last line counts the rest."""
    lines = [f"{short(facts.refs.get(one.visit.job or NO_ID, '?'), facts.series)}: {one.state}" for one in folds[:NAMED]]
    return [*lines, f"and {count(len(folds) - NAMED, 'other')}"] if len(folds) > NAMED else lines


def contested_edit(facts: RowFacts) -> list[ExceptionCase]:
    """A field that two sites wrote, neither having read the other: a case for each field."""
    ref, found = short(facts.ref, facts.series), []
    for each in sorted(facts.contested, key=lambda contested: contested.field):
        sites = listed(dict.fromkeys([each.kept_by or "one site", *(site for site, _ in each.lost)]))
        field, others = each.field.replace("_", " "), listed(f"“{value}”" for _, value in each.lost)
        found.append(
            case(
                "contested_edit",
                facts.thing,
                facts.kind,
                f"{sites} both wrote the {field} of {ref or facts.words}: “{each.kept}” stands, not {others}",
                detail=each.field,
                charges=facts.charges,
                since=each.at,
                step=Step(verb=f"keep {ref} {each.kept_by}".rstrip(), words=f"keep “{each.kept}”"),
                evidence=_wrote(each),
                job=facts.job,
                contract=facts.contract,
                client=facts.client,
            )
        )
    return found


def _wrote(each: Contested) -> list[str]:
    """Both values, each with its site, who wrote it and when."""
    lines = [f"{each.kept_by}: “{each.kept}”", *(f"{site}: “{value}”" for site, value in each.lost)]
    return [f"{line}, {who}" if who else line for line, who in zip_longest(lines, each.told[: len(lines)], fillvalue="")]


def double_reference(facts: RowFacts) -> list[ExceptionCase]:
    """Another thing of the same kind bears the same reference; neither is changed."""
    if not facts.namesakes:
        return []
    return [
        case(
            "double_reference",
            facts.thing,
            facts.kind,
            f"{facts.ref} is the reference of {facts.words} and of {listed(sorted(facts.namesakes))}",
            step=Step(verb=f"find {short(facts.ref, facts.series)}", words="look at them"),
            evidence=sorted(facts.namesakes),
            job=facts.job,
            contract=facts.contract,
            client=facts.client,
        )
    ]
