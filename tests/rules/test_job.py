"""A visit's state from its events, a job's column from its visits, what may happen next."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.job import GUARDS, LATE, TABLE, Fold, Span, active, column, double, fits, fold, leading, may
from fsconsole.values.work import Column, Event, Happening, Outcome, State

from .build import AMY, BEN, JOB, at, events, folded, id_of, visit

ORDINARY = ("Mon 08:30 release", "Mon 08:32 ack", "Mon 09:00 depart", "Mon 09:20 arrive", "Mon 10:40 complete", "Mon 10:45 sign")


def test_an_ordinary_visit_goes_from_dispatched_to_signed_off_and_keeps_every_time() -> None:
    done = folded(*ORDINARY)
    assert (done.state, done.outcome, done.told) == (State.SIGNED_OFF, Outcome.DONE, "ack")
    assert (done.departed, done.arrived, done.left) == (at("Mon 09:00"), at("Mon 09:20"), at("Mon 10:40"))
    assert (done.completed, done.signed, done.since) == (at("Mon 10:40"), at("Mon 10:45"), at("Mon 10:45"))
    assert done.spans == (Span(at("Mon 09:20"), at("Mon 10:40")),)
    assert done.misfits == ()


def test_a_visit_without_events_is_scheduled_and_nobody_was_told() -> None:
    fresh = folded()
    assert (fresh.state, fresh.since, fresh.told) == (State.SCHEDULED, None, "")


def test_arriving_needs_no_departure() -> None:
    assert folded("Mon 08:30 release", "Mon 09:20 arrive").state is State.ON_SITE


def test_completing_on_the_way_is_kept_as_a_misfit_and_changes_nothing() -> None:
    odd = folded("Mon 08:30 release", "Mon 09:00 depart", "Mon 10:00 complete")
    assert (odd.state, [event.what for event in odd.misfits]) == (State.EN_ROUTE, [Happening.COMPLETE])


def test_completing_on_the_way_back_with_the_part_fits_because_someone_was_there() -> None:
    back = folded(
        "Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 wait", "Wed 08:00 parts in",
        "Wed 08:30 release", "Wed 09:00 depart", "Wed 10:00 complete",
    )  # fmt: skip
    assert (back.state, back.misfits) == (State.COMPLETE, ())


def test_signing_on_site_completes_and_a_later_completion_moves_only_the_end_of_the_work() -> None:
    signed = folded("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 sign")
    assert (signed.state, signed.completed, signed.left) == (State.SIGNED_OFF, at("Mon 10:00"), at("Mon 10:00"))
    packed = folded("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 sign", "Mon 10:10 complete")
    assert (packed.signed, packed.completed, packed.left) == (at("Mon 10:00"), at("Mon 10:10"), at("Mon 10:10"))
    assert packed.spans == (Span(at("Mon 09:20"), at("Mon 10:10")),)


def test_parts_that_came_in_make_the_visit_scheduled_and_untold_again() -> None:
    waiting = folded("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 wait", eta=date(2026, 3, 5))
    assert (waiting.state, waiting.eta) == (State.WAITING_PARTS, date(2026, 3, 5))
    back = folded("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 wait", "Thu 09:00 parts in", eta=date(2026, 3, 5))
    assert (back.state, back.told, back.eta) == (State.SCHEDULED, "", None)
    assert back.waits == (Span(at("Mon 10:00"), at("Thu 09:00")),)


@pytest.mark.parametrize("before", [(), ("Mon 08:30 release",), ("Mon 08:30 release", "Mon 08:50 depart")])
def test_a_technician_is_taken_off_before_arriving_and_not_after(before: tuple[str, ...]) -> None:
    off = folded(*before, "Mon 09:00 off")
    assert (off.state, off.outcome) == (State.ENDED, Outcome.TAKEN_OFF)
    assert folded(*before, "Mon 08:55 arrive", "Mon 09:00 off").state is State.ON_SITE


def test_what_comes_after_the_end_of_a_visit_is_a_misfit() -> None:
    late = folded("Mon 08:30 release", "Mon 09:20 no access", "Mon 09:40 arrive")
    assert (late.state, late.outcome, len(late.misfits)) == (State.ENDED, Outcome.NO_ACCESS, 1)


def test_a_void_event_counts_for_nothing() -> None:
    told = events("Mon 08:30 release", "Mon 09:20 arrive")
    assert fold(visit(), [told[0], replace(told[1], void=True)]).state is State.DISPATCHED


def test_an_event_without_a_time_is_a_misfit() -> None:
    odd = Event(id=id_of("odd"), visit=id_of("visit"), what=Happening.RELEASE)
    assert fold(visit(), [odd]).misfits == (odd,)


def test_one_act_may_book_and_release_at_one_instant_whatever_its_ids_say() -> None:
    book, release = (replace(event, stamp=7) for event in events("Mon 08:30 book", "Mon 08:30 release"))
    assert fold(visit(), [replace(book, id=id_of("z")), replace(release, id=id_of("a"))]).state is State.DISPATCHED


def test_an_arrival_back_dated_before_the_release_still_counts() -> None:
    late = folded("Mon 09:12 arrive", "Mon 09:30 release")
    assert (late.state, late.arrived, late.misfits) == (State.ON_SITE, at("Mon 09:12"), ())


def test_a_release_sent_again_is_unread_again() -> None:
    assert folded("Mon 08:30 release", "Mon 08:31 ack", "Mon 08:40 release").told == "sent"
    assert folded("Mon 08:20 told", "Mon 08:30 release").told == "told"


KINDS = st.sampled_from(list(Happening))


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    what = draw(st.lists(st.tuples(KINDS, st.integers(0, 6), st.integers(0, 3), st.booleans()), max_size=12))
    return [
        Event(
            id=id_of(f"e{number}"),
            visit=id_of("visit"),
            what=kind,
            at=at("Mon 08:00") + timedelta(minutes=minute),
            stamp=stamp,
            void=void,
        )
        for number, (kind, minute, stamp, void) in enumerate(what)
    ]


@given(histories(), st.randoms(use_true_random=False))
def test_any_order_of_the_same_events_folds_to_the_same_state(told: list[Event], chance: random.Random) -> None:
    shuffled = [*told, *told]
    chance.shuffle(shuffled)
    assert fold(visit(), shuffled) == fold(visit(), told)


@given(histories())
def test_no_event_is_lost_each_either_moves_the_visit_or_is_a_misfit(told: list[Event]) -> None:
    result = fold(visit(), told)
    kept = [event for event in told if not event.void]
    without = fold(visit(), [event for event in kept if event not in result.misfits])
    assert set(result.misfits) <= set(kept)
    assert replace(result, misfits=()) == without


@given(histories())
def test_a_fold_keeps_its_times_in_order(told: list[Event]) -> None:
    result = fold(visit(), told)
    for span in (*result.spans, *result.waits):
        assert span.end is None or span.start <= span.end
    assert all(span.end for span in result.spans[:-1])
    assert (result.state is State.ON_SITE) == bool(result.spans and result.spans[-1].end is None)


@given(histories(), KINDS)
def test_what_may_happen_now_fits_when_it_is_recorded_now(told: list[Event], what: Happening) -> None:
    before = fold(visit(), told)
    new = Event(id=id_of("new"), visit=id_of("visit"), what=what, at=at("Mon 12:00"), stamp=99)
    if may(before, what) is None:
        assert fits(visit(), told, new) is None
        assert fold(visit(), [*told, new]).misfits == before.misfits


def test_late_rows_and_guards_are_rows_of_the_table() -> None:
    assert set(TABLE) >= LATE
    assert set(TABLE) >= set(GUARDS)


def test_every_refusal_says_why_and_what_would_make_it_possible() -> None:
    for state in State:
        for what in Happening:
            refusal = may(replace(folded(), state=state), what, "1042/1")
            assert refusal is None or (refusal.why.startswith("1042/1 is ") and refusal.instead)


@pytest.mark.parametrize(
    ("before", "wanted", "words"),
    [
        ((), Happening.ARRIVE, "1042/1 is scheduled and cannot arrive; dispatch it first"),
        (("Mon 08:30 release",), Happening.COMPLETE, "1042/1 is dispatched and cannot be completed; say they arrived first"),
        (
            ("Mon 08:30 release", "Mon 09:00 depart"),
            Happening.COMPLETE,
            "1042/1 is en route and cannot be completed: nobody has arrived; say they arrived first",
        ),
        (
            ("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 wait"),
            Happening.RELEASE,
            "1042/1 is waiting parts and cannot be dispatched; say the parts are in first",
        ),
        (
            ("Mon 08:30 release", "Mon 09:20 arrive"),
            Happening.TAKE_OFF,
            "1042/1 is on site and cannot be taken back; end the visit first: complete, return needed, no access or abort",
        ),
        (
            ("Mon 08:30 release", "Mon 09:20 arrive"),
            Happening.ARRIVE,
            "1042/1 is on site already; there is nothing to do",
        ),
        (
            ("Mon 08:30 release", "Mon 09:20 no access"),
            Happening.ARRIVE,
            "1042/1 is over (no access) and cannot arrive; dispatch a new visit",
        ),
    ],
)  # fmt: skip
def test_a_refusal_names_the_nearest_way(before: tuple[str, ...], wanted: Happening, words: str) -> None:
    assert str(may(folded(*before), wanted, "1042/1")) == words


def test_a_back_dated_event_that_contradicts_a_later_one_is_refused_with_that_one() -> None:
    told = events("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 complete")
    off = events("Mon 09:00 off", start=9)[0]
    refusal = fits(visit(), told, off)
    assert refusal is not None
    assert refusal.why == "then “arrive” that is already recorded would no longer fit"
    wait = events("Mon 10:30 wait", start=9)[0]
    refusal = fits(visit(), told, wait)
    assert refusal is not None
    assert refusal.why == "at that time the visit was complete and cannot wait for parts"


def test_a_job_without_visits_is_logged_and_imported_history_is_complete() -> None:
    assert column(JOB, []) is Column.LOGGED
    assert column(replace(JOB, finished_on=date(2025, 1, 1)), []) is Column.COMPLETE
    assert column(replace(JOB, finished_on=date(2025, 1, 1)), [], settled=True) is Column.CLOSED


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((), Column.SCHEDULED),
        (ORDINARY[:1], Column.DISPATCHED),
        (ORDINARY[:3], Column.EN_ROUTE),
        (ORDINARY[:4], Column.ON_SITE),
        ((*ORDINARY[:4], "Mon 10:00 wait"), Column.WAITING_PARTS),
        (ORDINARY[:5], Column.COMPLETE),
        (ORDINARY, Column.SIGNED_OFF),
        ((*ORDINARY[:4], "Mon 10:00 return"), Column.LOGGED),
        ((*ORDINARY[:1], "Mon 08:40 off"), Column.LOGGED),
    ],
)
def test_a_jobs_column_follows_from_its_one_visit(told: tuple[str, ...], expected: Column) -> None:
    assert column(JOB, [folded(*told)]) is expected


def test_the_most_advanced_open_visit_counts() -> None:
    waiting = folded("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 wait", name="one")
    going = folded("Mon 11:00 release", "Mon 11:10 depart", name="two", number=2)
    done = folded(*ORDINARY, name="three", number=3)
    assert column(JOB, [waiting, going, done]) is Column.EN_ROUTE
    assert column(JOB, [waiting, folded(name="two", number=2)]) is Column.WAITING_PARTS


def test_no_access_parks_the_job_until_its_day_and_a_new_visit_takes_it_up() -> None:
    ended = folded("Mon 08:30 release", "Mon 09:20 no access", name="one")
    parked = replace(JOB, parked_until=date(2026, 3, 6))
    assert column(parked, [ended]) is Column.PARKED
    assert column(JOB, [ended]) is Column.LOGGED
    assert column(parked, [ended, folded("Tue 08:30 release", name="two", number=2)]) is Column.DISPATCHED
    assert column(parked, [ended, folded(name="two", number=2)]) is Column.PARKED


def test_a_job_closes_when_it_is_settled_cancelled_or_written_off() -> None:
    assert column(JOB, [folded(*ORDINARY)], settled=True) is Column.CLOSED
    assert column(JOB, [folded(*ORDINARY[:4])], settled=True) is Column.ON_SITE
    assert column(replace(JOB, cancelled="called back"), [folded(*ORDINARY[:4])]) is Column.CLOSED
    assert column(replace(JOB, written_off="below minimum"), [folded(*ORDINARY)]) is Column.CLOSED


def test_a_visit_that_was_taken_off_or_is_gone_says_nothing_about_its_job() -> None:
    off = folded("Mon 11:00 release", "Mon 11:10 off", name="two", number=2)
    gone = folded("Mon 11:00 release", "Mon 11:10 arrive", name="three", number=3, gone=True)
    done = folded(*ORDINARY, name="one")
    assert leading([done, off, gone]) == done
    assert column(JOB, [done, off, gone]) is Column.SIGNED_OFF


def test_active_are_the_visits_under_way_and_on_site() -> None:
    folds = [folded(*ORDINARY[:number], name=f"v{number}") for number in range(7)]
    assert [each.state for each in active(folds)] == [State.EN_ROUTE, State.ON_SITE]


def test_a_technician_under_way_to_two_jobs_is_found() -> None:
    here = folded(*ORDINARY[:4], name="one")
    there = folded("Mon 09:30 release", "Mon 09:40 depart", name="two", job=id_of("other"))
    (found,) = double({BEN.id: [here, there]})
    assert (found.what, found.technician, found.start, found.end) == ("two jobs", BEN.id, at("Mon 09:40"), None)


def test_times_on_site_that_overlap_afterwards_are_found_and_those_that_touch_are_not() -> None:
    here = folded(*ORDINARY, name="one")
    late = folded("Mon 10:00 release", "Mon 10:20 arrive", "Mon 11:00 complete", name="two", job=id_of("other"))
    (found,) = double({BEN.id: [here, late]})
    assert (found.start, found.end) == (at("Mon 10:20"), at("Mon 10:40"))
    next_ = folded("Mon 10:00 release", "Mon 10:40 arrive", "Mon 11:00 complete", name="two", job=id_of("other"))
    assert double({BEN.id: [here, next_]}) == ()
    assert double({BEN.id: [here], AMY.id: [replace(late, visit=replace(late.visit, technician=AMY.id))]}) == ()


def test_a_day_of_released_jobs_one_after_the_other_is_no_double_and_two_for_one_hour_are() -> None:
    def sent(name: str, start: str, end: str) -> Fold:
        return folded("Mon 08:00 release", name=name, job=id_of(name), booked_from=at(start), booked_until=at(end))

    assert double({BEN.id: [sent("one", "Mon 09:00", "Mon 10:00"), sent("two", "Mon 10:00", "Mon 11:00")]}) == ()
    assert len(double({BEN.id: [sent("one", "Mon 09:00", "Mon 10:00"), sent("two", "Mon 09:30", "Mon 11:00")]})) == 1


def test_a_visit_nobody_ended_and_all_that_came_after_it_are_one_finding_that_names_each_once() -> None:
    open_ = folded(*ORDINARY[:4], name="one")
    after = [
        folded("Mon 09:30 release", f"Mon {10 + n}:00 arrive", f"Mon {10 + n}:30 complete", name=f"v{n}", job=id_of(f"j{n}"))
        for n in range(9)
    ]
    (found,) = double({BEN.id: [*reversed(after), open_]})
    assert (found.first, [found.second, *found.others]) == (open_, after)
    shorter, longer = double({BEN.id: [open_, *after[:2]]}), double({BEN.id: [open_, *after[:3]]})
    assert len({found.which, shorter[0].which, longer[0].which}) == 3


def test_a_row_of_visits_each_in_the_way_of_the_next_is_told_link_by_link() -> None:
    def on_site(name: str, start: str, end: str) -> Fold:
        return folded("Mon 08:00 release", f"Mon {start} arrive", f"Mon {end} complete", name=name, job=id_of(name))

    one, two, three = on_site("a", "09:00", "10:00"), on_site("b", "09:30", "11:00"), on_site("c", "10:30", "12:00")
    found = double({BEN.id: [three, one, two]})
    assert [(each.first, each.second, each.others) for each in found] == [(one, two, ()), (two, three, ())]


@pytest.mark.parametrize("seed", range(30))
def test_no_two_visits_in_each_others_way_are_left_out_and_there_are_never_more_findings_than_visits(seed: int) -> None:
    dice, ways = random.Random(seed), ("", "release", "depart", "arrive", "complete")
    folds = []
    for n in range(12):
        start, most = dice.randrange(8 * 60, 16 * 60), dice.randrange(len(ways))
        whens = [f"Mon {(start + 7 * k) // 60:02}:{(start + 7 * k) % 60:02} {what}" for k, what in enumerate(ways[1 : most + 1])]
        booked = at(f"Mon {start // 60:02}:{start % 60:02}")
        folds.append(
            folded(*whens, name=f"v{n}", job=id_of(f"j{n % 9}"), booked_from=booked, booked_until=booked + timedelta(hours=1))
        )
    found = double({BEN.id: folds})
    told = {fold.visit.id for each in found for fold in (each.first, each.second, *each.others)}
    clashing = {fold.visit.id for one, two in combinations(folds, 2) if double({BEN.id: [one, two]}) for fold in (one, two)}
    assert told == clashing
    assert len(found) <= len(folds) - 1


def test_five_technicians_sent_to_one_job_are_one_finding() -> None:
    sent = [folded("Mon 08:30 release", name=f"v{n}", technician=id_of(f"t{n}"), number=n) for n in range(5)]
    (found,) = double({fold.visit.technician: [fold] for fold in sent})
    assert len(found.others) == 3


def test_two_technicians_sent_to_one_job_are_found() -> None:
    ben = folded("Mon 08:30 release", name="one")
    amy = folded("Mon 08:40 release", name="two", technician=AMY.id, number=2)
    (found,) = double({BEN.id: [ben], AMY.id: [amy]})
    assert (found.what, found.job, found.start) == ("two technicians", JOB.id, at("Mon 08:40"))
