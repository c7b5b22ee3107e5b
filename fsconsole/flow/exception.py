"""What holds a charge up: who was chased, whose it is, hidden until a day, let go, which of two values to keep.

It stands apart because cases are derived and these decisions are not: each is a change under the case's key, so
that it means the same at every site.

Always: the row of a decision is named by its case's key, so every site writes the same row; waiving remembers
what the case was worth, so a larger difference opens it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b

from fsconsole.changes.stamp import site_of
from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding
from fsconsole.flow.acting import record
from fsconsole.flow.dispatch import short
from fsconsole.flow.evidence import LET_GO, said
from fsconsole.rules.checks.reasons import ANSWERED, ANSWERS, REASONS
from fsconsole.rules.words import count
from fsconsole.store.instants import instant
from fsconsole.store.opening import Store
from fsconsole.store.queries.exceptions import CaseRow, case, cases_about, open_cases
from fsconsole.store.queries.money import NO_HOLD, holding
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import BY_NAME, Put, put
from fsconsole.values.bill import Invoice, IssuedLine, Step
from fsconsole.values.money import show

#: Verbs whose first word names a case.
ABOUT_CASES = ("chase", "own", "snooze", "z", "waive", "keep")
#: The least of a key that names a case.
LEAST = 6


def decision_id(key: str) -> bytes:
    """The row of the decision on a case: the same at every site."""
    return blake2b(key.encode(), digest_size=16).digest()


def cases_meant(desk: Desk, text: str) -> list[CaseRow]:
    """Open cases that ``1008``, ``1008/order_missing``, ``C204``, a technician's code, a key or its start may mean.

    Of several of one reason, ``C204/amount_moved/2026-02-01`` means the one that began on a day, and a number behind
    that the first, second ... of those.

    The dearest first; snoozed ones too. Raises Refused when there is none.
    """
    store, now = desk.store, desk.now
    exact = case(store, text, now)
    if exact is not None:
        return [exact]
    thing, _, rest = text.partition("/")
    reason, _, which = rest.partition("/")
    found = _about(desk, thing)
    if reason:
        wanted = reason.lower().replace(" ", "_")
        found = [one for one in found if one.reason.startswith(wanted) or wanted in REASONS[one.reason].words.replace(" ", "_")]
    if which:
        found = [one for one in found if _told_apart(desk, one, found) == which.lower()]
    if not found and len(text) >= LEAST:
        found = [one for one in open_cases(store, now, snoozed=True, limit=100_000) if one.key.startswith(text)]
    if not found:
        raise Refused(f"There is no open exception case “{text}”.", "Name it by its job or contract, such as 1008 or C204.")
    return found


def _about(desk: Desk, text: str) -> list[CaseRow]:
    rows: list[bytes] = []
    for kind in finding.LETTER:
        rows += finding.ids_of(desk, kind, text)
    rows += [row[0] for row in desk.store.sql("SELECT id FROM technician WHERE lower(code) = ? AND gone = 0", (text.lower(),))]
    rows += [row[0] for row in desk.store.sql("SELECT id FROM invoice WHERE number = ? AND void = 0", (text.upper(),))]
    rows += [row[0] for row in desk.store.sql("SELECT id FROM site WHERE upper(code) = ?", (text.upper(),))]
    rows += [row[0] for row in desk.store.sql("SELECT id FROM asset WHERE serial = ? AND gone = 0", (text,))]
    found = {one.key: one for row in dict.fromkeys(rows) for one in cases_about(desk.store, desk.now, row)}
    return sorted(found.values(), key=lambda one: (-one.value, one.key))


def case_meant(desk: Desk, text: str) -> CaseRow:
    """The one case that a text means; of several with one reason the oldest. Raises Refused that lists them."""
    found = cases_meant(desk, text)
    if len({one.reason for one in found}) > 1:
        names = ", ".join(f"{name_of(desk, one)} ({REASONS[one.reason].words})" for one in found[:5])
        raise Refused(f"“{text}” has {len(found)} exception cases: {names}.", "Name one with its reason.")
    return min(found, key=lambda one: (one.since or 0, one.key))


def name_of(desk: Desk, one: CaseRow) -> str:
    """How a case is typed: ``1008/order_missing``; where there are several of a reason, with what tells them apart."""
    if not one.ref:
        return one.key
    alike = [other for other in _about(desk, one.ref) if other.reason == one.reason]
    which = f"/{_told_apart(desk, one, alike)}" if len(alike) > 1 else ""
    return f"{short(desk, one.ref)}/{one.reason}{which}"


def _told_apart(desk: Desk, one: CaseRow, among: Sequence[CaseRow]) -> str:
    """What tells a case from others of its reason: the field two sites wrote, or the day it began; of one day its place."""
    if one.reason == "contested_edit":
        return one.key.rpartition(":")[2]

    def begun(each: CaseRow) -> str:
        return "always" if each.since is None else instant(each.since).astimezone(desk.store.zone).date().isoformat()

    same = sorted(each.key for each in among if each.reason == one.reason and begun(each) == begun(one))
    return begun(one) + (f"/{same.index(one.key) + 1}" if len(same) > 1 and one.key in same else "")


def chase(desk: Desk, case: str, words: str = "") -> Done:
    """Records that someone was chased: whom, and how if it is said. Of several cases the one that waits for them."""
    found = cases_meant(desk, case)
    whom, _, how = words.strip().partition(" ")
    low = whom.lower()
    line = f"chase {case} {words}".strip()
    fits = [one for one in found if one.step_verb == line] or [one for one in found if low and low in one.waits_for.lower()]
    one = (fits or [one for one in found if one.waits_for] or found)[0]
    whom = whom or one.waits_for or "the office"
    times = one.chased + 1
    puts = [put("chase", desk.ids(), key=one.key, whom=whom, how=how.strip(), at=desk.at)]
    said_ = f"{_short(desk, one)}: {whom} chased{f' {how.strip()}' if how.strip() else ''}"
    said_ += f", {count(times, 'time')} now" if times > 1 else ""
    return record(desk, puts, said_, ref=one.ref, row=one.thing)


def own(desk: Desk, case: str, person: str = "") -> Done:
    """Takes everything open about a thing, or gives it to someone; ``nobody`` lets go of it."""
    found = cases_meant(desk, case)
    owner = "" if person.lower() in ("nobody", "-") else person or desk.by
    puts = [_decide(one, owner=owner) for one in found]
    what = _short(desk, found[0]) if len(found) == 1 else f"{count(len(found), 'case')} of {short(desk, found[0].ref)}"
    return record(desk, puts, f"{what}: {owner or 'nobody'}'s", ref=found[0].ref, row=found[0].thing)


def snooze(desk: Desk, case: str, day: date) -> Done:
    """Hides everything open about a thing until a day."""
    found = cases_meant(desk, case)
    if day <= desk.today:
        raise Refused(f"{finding.day_words(day)} is not to come.", "Give a later day, such as 3d or fri.")
    puts = [_decide(one, snoozed_until=day) for one in found]
    what = _short(desk, found[0]) if len(found) == 1 else f"{count(len(found), 'case')} of {short(desk, found[0].ref)}"
    return record(desk, puts, f"{what}: hidden until {finding.day_words(day)}", ref=found[0].ref, row=found[0].thing)


def waive(desk: Desk, case: str, words: str) -> Done:
    """Lets a case go, with the reason; it opens again when it comes to more than it is worth now."""
    one = case_meant(desk, case)
    # Waived with what is not billable yet: coming due is no reason to ask again.
    puts = [_decide(one, waived=words, waived_value=one.whole)]
    worth = f" ({show(one.whole, one.currency)})" if one.whole else ""
    return record(
        desk, puts, f"{_short(desk, one)}{worth}: waived, {words}{_after_waiving(desk, one)}", ref=one.ref, row=one.thing
    )


def _after_waiving(desk: Desk, one: CaseRow) -> str:
    """What becomes of the money a case held: some cases are the money, others only stood before it."""
    held = desk.store.sql(
        "SELECT n.key FROM case_charge x JOIN charge_now n ON n.key = x.charge_key WHERE x.case_key = ? AND n.amount > 0"
        " AND n.fenced = '' AND n.estimate = 0",
        (one.key,),
    )
    if held and one.reason in LET_GO:
        return "; it is not billed"
    if not held or f"'{one.reason}'" in NO_HOLD:
        return ""
    others = {key for _, key, _ in holding(desk.store, desk.now, [key for (key,) in held])} - {one.key}
    return "" if others else f"; the {'line' if len(held) == 1 else count(len(held), 'line')} it held may be billed"


def keep(desk: Desk, case: str, choice: str) -> Done:
    """Keeps the value that one site wrote: it is written again by someone who has read both, so it stands."""
    contested = [one for one in cases_meant(desk, case) if one.reason == "contested_edit"]
    if not contested:
        raise Refused(f"No two sites wrote the same field of “{case}”.", "There is nothing to choose.")
    if len(contested) > 1:
        fields = ", ".join(one.key.rpartition(":")[2].replace("_", " ") for one in contested)
        which = f"Name one: keep {name_of(desk, contested[0])} SITE"
        raise Refused(f"“{case}” has {len(contested)} fields written at two sites: {fields}.", which)
    one = contested[0]
    field = one.key.split(":", 2)[2]
    values = _written(desk, one, field)
    code = choice.upper()
    if code not in values:
        raise Refused(f"{choice} did not write the {field.replace('_', ' ')}.", f"Choose {' or '.join(values)}.")
    column = next(c for name, c in BY_NAME[one.thing_kind].columns.items() if name.rstrip("_") == field)
    puts = [Put(BY_NAME[one.thing_kind].kind, one.thing, {column.number: values[code]})]  # type: ignore[dict-item]
    words = said(desk.store, column.unpack(values[code]))
    what = f"{short(desk, one.ref)}: " if one.ref else ""
    return record(desk, puts, f"{what}the {field.replace('_', ' ')} is “{words}”, as {code} wrote", ref=one.ref, row=one.thing)


def other_value(desk: Desk, key: str) -> str:
    """The line that keeps the value which does not stand; where there are several it ends in a space, for a site to follow.

    Raises Refused when the case is about something else.
    """
    one = case(desk.store, key, desk.now)
    if one is None or one.reason != "contested_edit":
        raise Refused("Here nothing was written at two sites.", "This key keeps the value that does not stand.")
    others = list(_written(desk, one, one.key.split(":", 2)[2]))[1:]
    name = name_of(desk, one)
    return f"keep {name} {others[0]}" if len(others) == 1 else f"keep {name} "


def dispute(desk: Desk, invoice: str, words: str) -> Done:
    """The client does not accept a document; ``line:2`` among the words names one line. It is not chased meanwhile."""
    from fsconsole.flow.invoice import invoice_meant

    paper, line, said_ = _paper(desk, invoice_meant(desk, invoice), words)
    if not said_:
        raise UsageError("What does the client say?", "Write it like: dispute LDN-I0001 line:2 never ordered")
    key = _dispute_key(paper, line)
    puts = [put("decision", decision_id(key), key=key, held=said_)]
    what = f"“{line.text}” on {paper.number}" if line else paper.number
    return record(desk, puts, f"{what} is disputed: {said_}", ref=paper.number, row=paper.id)


def uphold(desk: Desk, invoice: str, words: str = "") -> Done:
    """What the client disputed stands after all; it is chased again."""
    from fsconsole.flow.invoice import invoice_meant

    paper, line, _ = _paper(desk, invoice_meant(desk, invoice), words)
    store = desk.store
    keys = [
        row[0]
        for row in store.sql(
            "SELECT key FROM decision WHERE (key = ? OR key LIKE ?) AND held != '' ORDER BY key",
            (f"dispute:{paper.number}", f"dispute:{paper.number}:%"),
        )
        if line is None or row[0] == _dispute_key(paper, line)
    ]
    if not keys:
        raise Refused(f"Nothing of {paper.number} is disputed.", "There is nothing to do.")
    puts = [put("decision", decision_id(key), key=key, held="") for key in keys]
    return record(desk, puts, f"{paper.number} stands, and is chased again", ref=paper.number, row=paper.id)


def _paper(desk: Desk, paper: Invoice, words: str) -> tuple[Invoice, IssuedLine | None, str]:
    """(the document, the line that ``line:2`` names, the other words)."""
    given, rest = finding.pairs(words, ("line",))
    if "line" not in given:
        return paper, None, " ".join(rest)
    lines: list[IssuedLine] = fetch_all(desk.store, "invoice_line", invoice=paper.id, order="start, key, id")
    number = int(given["line"]) if given["line"].isdigit() else 0
    if not 1 <= number <= len(lines):
        raise UsageError(f"{paper.number} has {count(len(lines), 'line')}.", "Write it like line:2")
    return paper, lines[number - 1], " ".join(rest)


def _dispute_key(paper: Invoice, line: IssuedLine | None) -> str:
    return f"dispute:{paper.number}" + (f":{line.id.hex()}" if line else "")


def _written(desk: Desk, one: CaseRow, field: str) -> dict[str, object]:
    """{site code: stored value} of a contested field, what stands first."""
    store = desk.store
    codes = dict(store.sql("SELECT number, code FROM site"))
    name, column = next((c.column_name, c) for name, c in BY_NAME[one.thing_kind].columns.items() if name.rstrip("_") == field)
    value, clock = store.sql(f'SELECT "{name}", "c_{name}" FROM "{one.thing_kind}" WHERE id = ?', (one.thing,))[0]
    found: dict[str, object] = {codes.get(site_of(clock), str(site_of(clock))): value}
    query = "SELECT stamp, value FROM contested WHERE row = ? AND field = ? ORDER BY stamp DESC"
    for stamp, lost in store.sql(query, (one.thing, column.number)):
        found.setdefault(codes.get(site_of(stamp), str(site_of(stamp))), lost)
    return found


def step_of(desk: Desk, key: str) -> str:
    """The line that takes a case's suggested step (``step_line``). Raises Refused when the case is gone or suggests nothing."""
    one = case(desk.store, key, desk.now)
    if one is None:
        raise Refused("That case is not open any more.", "There is nothing to do.")
    if not one.step_verb:
        raise Refused(f"Nothing is suggested for: {one.says}.", "Open it and decide.")
    return step_line(desk, one)


def step_line(desk: Desk, one: CaseRow) -> str:
    """The line that takes a case's suggested step, '' without one; the case is named so that the verb means this one.

    Nobody is asked twice by it: once somebody was, the step is to type the answer. One that ends in a space or a colon
    still wants words. The case may be gone since it was read: another program on this store can have settled it.
    """
    if not one.step_verb:
        return ""
    if one.asked:
        answer = _answer(one)
        return answer.verb.format(ref=short(desk, one.ref), case=name_of(desk, one))
    verb, _, rest = one.step_verb.partition(" ")
    if verb in ABOUT_CASES:
        _, space, words = rest.partition(" ")
        return f"{verb} {name_of(desk, one)}{space}{words}"
    return one.step_verb


def step_words(one: CaseRow) -> str:
    """A case's next step in words; of one about which somebody was asked, to type the answer."""
    return _answer(one).words if one.asked else one.step_words


def _answer(one: CaseRow) -> Step:
    # What was done before this system was here has no visit that a card could be typed for: it can only be said where it is.
    nobody = one.reason == "complete_no_card" and one.step_verb.endswith(" office")
    return ANSWERED if nobody else ANSWERS.get(one.reason, ANSWERED)


def asked_by(store: Store, one: CaseRow) -> str:
    """Who asked last about a case; empty where nobody knows."""
    row = store.one(
        "SELECT g.by_ FROM chase h JOIN touched t ON t.row = h.id JOIN log g ON g.stamp = t.stamp"
        " WHERE h.key = ? AND h.void = 0 ORDER BY h.at DESC LIMIT 1",
        (one.key,),
    )
    return str(row[0]) if row else ""


def _short(desk: Desk, one: CaseRow) -> str:
    return f"{short(desk, one.ref)} {REASONS[one.reason].words}".strip()


def _decide(one: CaseRow, **values: object) -> Put:
    return put("decision", decision_id(one.key), key=one.key, **values)


def reasons_of(cases: Sequence[CaseRow]) -> str:
    """The reasons of some cases, each once, in words."""
    return ", ".join(dict.fromkeys(REASONS[one.reason].words for one in cases))
