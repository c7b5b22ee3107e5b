"""What is said of a job beside a list: its line of truth, the call that repeats, what order is left, who could go.

It stands apart because the board, the exceptions and the log form all say it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fsconsole.console.text import about, clean, clip, day_word, minutes_until, span, width
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.desk import Desk
from fsconsole.flow.candidates import Candidate, candidates
from fsconsole.store.instants import instant
from fsconsole.store.queries import board, exceptions, jobs
from fsconsole.values.money import show

#: Days within which another call about the same thing is a repeat, where no policy says otherwise.
REPEAT = 30

#: Said where nothing runs against a job.
NO_PROMISE = "no promise"


def short(desk: Desk, ref: str) -> str:
    """A reference as it is typed at home."""
    return ref.removeprefix(f"{desk.store.code}-")


def left_words(desk: Desk, due_at: int | None, what: str) -> tuple[str, str]:
    """(words, role) of what is left of a promise."""
    if due_at is None:
        return NO_PROMISE, "dim"
    due = instant(due_at)
    minutes = minutes_until(due, desk.now)
    at = clock_words(desk, due)
    if what in ("parts", "wake"):
        return f"{'parts' if what == 'parts' else 'wakes'} {at}", "soon" if minutes < 0 else "normal"
    # Beyond an hour the clock time that stands before it says the rest.
    length = span(minutes) if abs(minutes) < 60 else about(minutes)
    verb = {"respond": "respond by", "restore": "restore by", "window": "there by"}.get(what, "by")
    if minutes < 0:
        return f"{verb} {at}, late by {length}", "late"
    return f"{verb} {at}, {length} left", "soon" if minutes < 60 else "fine"


def clock_words(desk: Desk, at: datetime) -> str:
    """``14:00`` today, ``Thu 14:00`` this week, else ``5 Mar 14:00``."""
    word = day_word(at, desk.now, desk.zone)
    time = f"{at.astimezone(desk.zone):%H:%M}"
    return time if word == time else f"{word} {time}"


def repeat_words(desk: Desk, job: bytes) -> str:
    """``third call on this boiler in 30 days``; '' when it is the first."""
    told = jobs.told(desk.store, job)
    if told is None or not (told.asset or told.location) or told.reported_at is None:
        return ""
    reported = instant(told.reported_at)
    days = exceptions.in_force(desk.store, "repeat_days", exceptions.today_of(desk.store, desk.now), REPEAT)
    since = reported - timedelta(days=days)
    before = [
        one
        for one in jobs.recent(desk.store, since, asset=told.asset, location=told.location, but=job)
        if one.reported_at is not None and one.reported_at <= told.reported_at
    ]
    if not before:
        return ""
    what = f"on this {told.asset_kind or _asset(told) or 'asset'}" if told.asset else "at this place"
    return f"{nth(len(before) + 1)} call {what} in {days} days"


def nth(number: int) -> str:
    """``second``, ``third``, ... ``11th``."""
    words = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    return words[number] if number < len(words) else f"{number}th"


def order_words(desk: Desk, job: bytes) -> tuple[str, str]:
    """(words, role) about the client's order: its number and what is left of it, or that one is needed."""
    told = jobs.told(desk.store, job)
    if told is None:
        return "", "dim"
    if not told.order_number:
        return ("order number needed", "soon") if told.order_required else ("", "dim")
    if told.order_left is None:
        return f"order {told.order_number}", "normal"
    left = show(told.order_left, told.order_currency or desk.store.currency)
    return f"order {told.order_number} ({left} left)", "late" if told.order_left <= 0 else "normal"


def candidate_words(one: Candidate) -> tuple[str, str]:
    """(words, role) of one who could go."""
    far = "" if one.drive is None else f"{one.drive} min" if one.drive < 100 else span(one.drive)
    parts = [far, one.at_work, *one.against]
    return f"{one.name.split()[0]} {', '.join(part for part in parts if part)}", "dim" if one.against else "normal"


def next_step(desk: Desk, job: bytes) -> str:
    """The line of what a job needs next: what mends its dearest case, else the next state. Ends in a space when words follow."""
    row = board.card(desk.store, job)
    if row is None:
        return ""
    ref = short(desk, row.ref)
    cases = exceptions.cases_about(desk.store, desk.now, job, snoozed=False)
    dearest = next((case for case in cases if case.step_verb), None)
    mends = "" if dearest is None else dearest.step_verb
    if dearest is not None and dearest.asked:
        from fsconsole.flow.exception import step_line  # what acts is heavy, and the first frame comes before it

        mends = step_line(desk, dearest)
    if mends and row.column in ("complete", "signed off", "closed", "parked"):
        return mends
    carded = desk.store.one("SELECT 1 FROM card WHERE job = ? AND void = 0 LIMIT 1", (job,)) is not None
    return {
        "logged": f"d {ref} ",
        "scheduled": f"d {ref}",
        "dispatched": f"en {ref}",
        "en route": f"a {ref}",
        "on site": f"c {ref}",
        "waiting parts": f"in {ref}",
        "parked": f"wake {ref}",
        "complete": f"sg {ref} " if carded else f"card {ref} ",
        "signed off": f"bill {ref}",
    }.get(row.column, "")


def verdict(desk: Desk, line: str) -> tuple[str, str]:
    """(words, role) of what a line would do."""
    from dataclasses import replace

    from fsconsole import verbs
    from fsconsole.errors import FsError

    try:
        return verbs.run(replace(desk, dry=True), line).words, "said"
    except FsError as error:
        return str(error), "refused"


def job_in_three_lines(desk: Desk, job: bytes, cells: int) -> list[Section]:
    """What stands below the board: whose and what; the promise and the paper; who could go."""
    row, told = board.card(desk.store, job), jobs.told(desk.store, job)
    if row is None or told is None:
        return []
    dot = "   "
    where = ", ".join(part for part in (row.location, told.postcode) if part)
    first = dot.join(part for part in (f"{row.ref}  {row.client} · {where}", _asset(told), told.title) if part)
    promise, role = left_words(desk, row.due_at, row.due_what)
    reported = f"reported {clock_words(desk, instant(told.reported_at))}" if told.reported_at else ""
    order, _ = order_words(desk, job)
    second = dot.join(part for part in (reported, promise, repeat_words(desk, job), order) if part)
    lines = [DetailLine("", first, "strong", _worth(desk, row)), DetailLine("", second, role if role != "fine" else "normal")]
    lines.append(_third(desk, row, job))
    room = cells - 3
    return [
        Section(
            "", tuple(DetailLine("", clip(clean(one.words), room - width(one.figure) - 2), one.role, one.figure) for one in lines)
        )
    ]


def _third(desk: Desk, row: board.CardRow, job: bytes) -> DetailLine:
    if row.column in ("logged", "scheduled", "parked"):
        best = candidates(desk.store, job, desk.now)[:3]
        words = "  ·  ".join(candidate_words(one)[0] for one in best)
        return DetailLine("", f"best: {words}" if best else "nobody to send yet")
    if row.stuck:
        step = next_step(desk, job)
        return DetailLine("", f"{row.stuck}   next (.): {step.strip()}" if step else row.stuck, "stuck")
    since = instant(row.since) if row.since else None
    for_ = f" since {clock_words(desk, since)}" if since else ""
    return DetailLine("", f"{row.technician or 'nobody'} {row.column}{for_}   next (.): {next_step(desk, job).strip()}", "dim")


def _worth(desk: Desk, row: board.CardRow) -> str:
    return f"{'~' if row.estimate else ''}{show(row.value, desk.store.currency)}" if row.value else ""


def _asset(told: jobs.ToldRow) -> str:
    serial = f"s/n {told.serial}" if told.serial else ""
    return " ".join(part for part in (told.maker, told.model or told.asset_kind, serial) if part)


def job_in_full(desk: Desk, job: bytes) -> list[Section]:
    """What stands beside the board on a wide screen."""
    row, told = board.card(desk.store, job), jobs.told(desk.store, job)
    if row is None or told is None:
        return []
    promise, role = left_words(desk, row.due_at, row.due_what)
    where = ", ".join(part for part in (row.location, told.address, told.postcode) if part)
    head = [
        DetailLine("", told.title, "strong", _worth(desk, row)),
        DetailLine("client", row.client),
        DetailLine("where", where),
        *([DetailLine("access", told.access_notes)] if told.access_notes else []),
        *([DetailLine("what", _asset(told))] if told.asset else []),
        *([DetailLine("contract", f"{told.contract_ref} {told.contract_name}")] if told.contract_ref else []),
    ]
    order, order_role = order_words(desk, job)
    again = repeat_words(desk, job)
    by = f" by {told.reported_by.removeprefix('by ')}" if told.reported_by else ""
    time = [
        *([DetailLine("reported", clock_words(desk, instant(told.reported_at)) + by)] if told.reported_at else []),
        DetailLine("promise", promise, role),
        *([DetailLine("again", again, "soon")] if again else []),
        *([DetailLine("order", order, order_role)] if order else []),
        *([DetailLine("stuck", row.stuck, "stuck")] if row.stuck else []),
    ]
    found = [Section(f"{row.ref}  {row.column}", tuple(head)), Section("", tuple(time))]
    if row.column in ("logged", "scheduled", "dispatched", "parked"):
        best = candidates(desk.store, job, desk.now)[:5]
        if best:
            found.append(Section("Who could go", tuple(DetailLine("", *candidate_words(one)) for one in best)))
            if row.column == "logged" and not best[0].against:
                line = f"d {short(desk, row.ref)} {best[0].code.lower()}"
                said, said_role = verdict(desk, line)
                found.append(Section("", (DetailLine("", f"{line}: {said}", said_role),)))
    cases = exceptions.cases_about(desk.store, desk.now, job, snoozed=False)
    if cases:
        money = desk.store.currency
        lines = [DetailLine("", case.says, "stuck", show(case.value, money) if case.value else "") for case in cases[:6]]
        found.append(Section("Exceptions", tuple(lines)))
    charges = desk.store.sql(
        "SELECT kind, amount, notional, covered_by, reason, currency FROM charge_now WHERE job = ? ORDER BY key LIMIT 8", (job,)
    )
    if charges:
        found.append(Section("Worth", tuple(
            DetailLine("", reason, "dim", f"({show(notional, currency or 'GBP')})", "dim") if covered else
            DetailLine("", reason, "normal", show(amount, currency or "GBP"), "money")
            for _, amount, notional, covered, reason, currency in charges
        )))  # fmt: skip
    notes = jobs.notes(desk.store, job)[:4]
    if notes:
        found.append(Section("Notes", tuple(
            DetailLine(clock_words(desk, instant(note.at)) if note.at else "", f"{note.text} ({note.by})") for note in notes
        )))  # fmt: skip
    return found
