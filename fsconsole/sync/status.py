"""The truth about sync: what each site has of ours, what we have of it, what waits, in words.

It stands apart because “in sync” is said on every screen, and must be proved each time from the others' signed heads.

Always: two sites are in sync only when this one has applied everything the other's head tells of, and that head tells
that everything of this one was applied there; anything else is said with its age.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from fsconsole.changes import head as heads_
from fsconsole.changes import member, names
from fsconsole.changes.head import Head
from fsconsole.changes.member import Members
from fsconsole.changes.stamp import is_held, ms_of
from fsconsole.changes.verdict import Problem
from fsconsole.places import Home
from fsconsole.store import exchange as books
from fsconsole.store.exchange import Tip
from fsconsole.store.instants import instant, ms
from fsconsole.store.opening import Store

#: After this long without a new head a site is amber, then red.
QUIET, SILENT = timedelta(days=1), timedelta(days=7)
#: What waits for less than this is on its way, as it should be.
PATIENCE = timedelta(minutes=1)
#: What to do about a site whose software writes more than its role may.
BEYOND = "What was refused counts nowhere. If {code} shall do it, remove it and invite it anew in another role; else ask there."


#: What to do when the folder is not there, and when two copies of this installation are at work.
AWAY = (
    "See whether the folder is mounted and its program runs. It is looked for where the settings say; another is named with:"
    " fsconsole share DIR. If only its marker is gone, the first office writes it again with that, too."
)
REMOVED = (
    "This site was removed from the workspace: what is written here from now on reaches nobody, and counts nowhere.",
    "What is here stays here. To go on, have this office invited anew and join in a new home: fsconsole --home DIR join.",
)
AHEAD = (
    "Set this machine's clock. The others take it by themselves on {until:%d %b %Y}; to go on before, have this site removed and"
    " invited anew, join in a new home, and enter there again what was written since."
)
STOP_ONE = (
    "Stop one of the two and put its home away. Until a week after the other's last act invoices get a number here only with !!"
    " and a reason."
)


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """One other site. Counts are frames; ``level`` is synced, behind or stopped; ``held`` and ``words`` are sentences."""

    code: str
    name: str
    role: str
    number: int
    heard: datetime | None  #: the clock of its last head that arrived here
    has_of_ours: int
    of_ours: int
    have_of_its: int
    of_its: int
    waiting: int  #: of ours, not applied there as far as it has told
    held: tuple[str, ...]
    state: str  #: live, gap, held, stopped, forked, removed, unheard
    level: str
    words: str
    since: datetime | None = None  #: from when on it has not been in sync, as an exchange first found it
    instead: str = ""  #: what to do, '' when there is nothing to do
    refused: int = 0  #: acts of it that were refused, while that is what is said first


class Invited(NamedTuple):
    """A site that was invited and has not joined."""

    code: str
    role: str
    until: datetime
    expired: bool


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site in the top line: ``words`` is its age, or why it is behind. ``level`` may also be moving: on its way."""

    code: str
    level: str
    words: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The state of sync in a few words. ``level``: synced, moving (all that waits is on its way), behind or stopped."""

    text: str
    level: str
    sites: tuple[SiteLine, ...]
    ours: bool = False  #: whether the words are about this site's own part, and not about one of ``sites``


def status(store: Store, home: Home | None, now: datetime) -> list[SiteStatus]:
    """Every other member, by site number. ``home`` is not read: what was proved when it came stands in the store."""
    members = _members(store)
    heads = _heads(store, members)
    tips = list(books.tips(store.raw).values())
    states = books.states(store.raw)
    held: dict[int, list[str]] = {}
    for item in books.held(store.raw, f"{names.SITES}/"):
        held.setdefault(item.site, []).append(item.says)
    refused = books.refusals(store.raw)
    for site, says, count, _ in refused:
        held.setdefault(site, []).append(f"{says} {count:,} {'act was' if count == 1 else 'acts were'} refused.")
    mine = [tip for tip in tips if tip.site == store.site]
    waits = books.is_unframed(store.raw, store.site)
    since = {int(key.partition(":")[2]): instant(at) for key, at in _unsynced(store).items()}
    found = []
    for number, one in sorted(members.current.items()):
        if number != store.site:
            theirs = [tip for tip in tips if tip.site == number]
            found.append(_site(one, heads.get(number), mine, theirs, states.get(number), tuple(held.get(number, ())), waits, now))
            found[-1] = _advised(found[-1], _since(store, found[-1], heads.get(number), mine, since.get(number), now), now)
            if theirs_refused := [each for each in refused if each[0] == number]:
                found[-1] = _alarmed(found[-1], theirs_refused, now)
    return found


def invited(store: Store, now: datetime) -> list[Invited]:
    """Open invitations: sites that may join and have not yet, in the order of their numbers."""
    open_ones = _members(store).invites.values()
    return [
        Invited(one.code, one.role, instant(one.expires_ms), instant(one.expires_ms) <= now)
        for one in sorted(open_ones, key=lambda one: one.site)
    ]


def _alarmed(one: SiteStatus, refused: list[tuple[int, str, int, int]], now: datetime) -> SiteStatus:
    """A site's status with what was refused of it, which is said first for a week: no program of ours writes such a thing."""
    instead = one.instead or BEYOND.format(code=one.code)
    _, says, _, last = refused[-1]
    if one.level == "stopped" or now - instant(last) > SILENT:
        return replace(one, instead=instead)
    count = sum(each[2] for each in refused)
    words = f"{count:,} {'act' if count == 1 else 'acts'} of {one.code} refused: {says[0].lower()}{says[1:]}"
    return replace(one, level="stopped", words=words, instead=instead, refused=count, since=instant(refused[0][3]))


def note(store: Store, now: datetime) -> list[SiteStatus]:
    """Remembers from when on each site has not been in sync, at the end of an exchange; returns the status it found.

    Frames of it are awaited from now on when all that it had told of by then has come: new work on its way is not old work stuck.
    """
    known = _unsynced(store)
    found = status(store, None, now)
    behind = {f"unsynced:{one.number}" for one in found if one.level != "synced"}
    if behind - known.keys():
        store.set_own(**dict.fromkeys(behind - known.keys(), ms(now)))
    before = _awaited(store)
    awaited: dict[str, list[int]] = {}
    for one in found:
        if one.have_of_its < one.of_its:
            last = before.get(str(one.number), [0, 0])
            awaited[str(one.number)] = last if one.have_of_its < last[0] else [one.of_its, ms(now)]
    if awaited != before:
        store.set_own(awaited=json.dumps(awaited))
    if gone := known.keys() - behind:
        with store.writing() as conn:
            conn.executemany("DELETE FROM own WHERE key = ?", [(key,) for key in gone])
    return found


def _awaited(store: Store) -> dict[str, list[int]]:
    """{site: [the frame of it that is awaited, since when in ms]}."""
    found: dict[str, list[int]] = json.loads(store.own("awaited", "{}"))
    return found


def _unsynced(store: Store) -> dict[str, int]:
    return dict(store.sql("SELECT key, value FROM own WHERE key GLOB 'unsynced:*'"))


def _since(
    store: Store, one: SiteStatus, head: Head | None, mine: list[Tip], noted: datetime | None, now: datetime
) -> datetime | None:
    """From when on a site has not been in sync: when what waits for it was saved, or since when what it told of is awaited."""
    if one.state not in ("live", "gap", "unheard") or one.heard is None or now - one.heard > QUIET:
        return noted
    waits = [stamp for tip in mine if (stamp := books.saved_after(store.raw, tip.site, tip.epoch, _through(head, tip)))]
    if books.is_unframed(store.raw, store.site):
        waits.append(books.saved_after(store.raw, store.site))
    found = [min(instant(ms_of(min(waits))), now)] if waits else []
    if one.have_of_its < one.of_its and (awaited := _awaited(store).get(str(one.number))):
        found.append(instant(awaited[1]))
    return min(found, default=noted)


def _advised(one: SiteStatus, since: datetime | None, now: datetime) -> SiteStatus:
    """A site's status with since when it has not been in sync, and what to do."""
    if one.level == "synced":
        return one
    long = since is not None and now - since > QUIET
    age = _age(now - since) if since is not None and now - since >= timedelta(minutes=1) else ""
    code = one.code
    running = f"See whether the machine at {code} and the program that carries the folder run, there and here."
    if one.state == "forked":
        instead = f"Stop one of the two copies of {code}. Until then it gives no invoice numbers."
    elif one.state == "held":
        before = f"to go on before, remove {code} and invite it anew."
        instead = f"Set the clock at {code}. It is taken by itself when that day comes; {before}"
    elif one.state == "stopped" and ("rows of kind" in one.words or "this version reads" in one.words):
        update = "" if "Update" in one.words else "Update fsconsole here. "
        instead = f"{update}Nothing is lost meanwhile, and what waits is taken by itself afterwards."
    elif one.state == "stopped":
        instead = f"{code} writes it again when it next syncs. If this stays, ask the owner who works at {code}."
    elif one.heard is None:
        instead = f"It is heard once it has joined and its folder was carried here. {running}" if long else ""
    elif now - one.heard > QUIET:
        instead = running
    elif one.have_of_its < one.of_its or one.state == "gap":
        instead = "It comes by itself: every office that has it puts it back."
        if long:
            instead = f"{running} Or copy the folder of an office that has them here, over this one."
    else:
        instead = running if long else ""
    waits = one.state in ("gap", "live", "unheard") and "last heard" not in one.words
    words = f"{one.words.rstrip('.')}, for {age}." if age and waits else one.words
    return replace(one, words=words, since=since, instead=instead)


def _site(
    one: member.Member,
    head: Head | None,
    mine: list[Tip],
    theirs: list[Tip],
    said: tuple[str, str, int | None] | None,
    held: tuple[str, ...],
    waits: bool,
    now: datetime,
) -> SiteStatus:
    has, ours = _reach(head, mine), sum(tip.seq for tip in mine)
    have = sum(tip.seq for tip in theirs)
    told = _told(head, one.site)
    its = max(sum(told.values()), have)
    state, says = (said[0], said[1]) if said else ("unheard", "")
    complete = head is not None and _have_all(head, told, theirs)
    heard = instant(head.wall_ms) if head else None
    age = now - heard if heard else None
    if state in ("stopped", "forked", "held"):
        level, words = "stopped", says or held[0] if says or held else state
    elif age is not None and age > SILENT:
        level, words = "stopped", f"{one.code} was last heard {_age(age)} ago."
    elif head is None:
        level, words = "behind", f"{one.code} was not heard yet."
    elif state == "gap" or not complete:
        level, words = "behind", says or _to_come(its - have, one.code)
    elif has < ours or waits:
        level, words = "behind", f"{one.code} has not told yet that it has our last saves."
    elif age is not None and age > QUIET:
        level, words = "behind", f"{one.code} was last heard {_age(age)} ago."
    else:
        level, words = "synced", "in sync"
    waiting = max(ours - has, 0)
    return SiteStatus(one.code, one.name, one.role, one.site, heard, has, ours, have, its, waiting, held, state, level, words)


def _to_come(count: int, code: str) -> str:
    return f"{count:,} frame{'' if count == 1 else 's'} of {code} {'is' if count == 1 else 'are'} not here yet."


def _have_all(head: Head, told: dict[int, int], theirs: list[Tip]) -> bool:
    """Whether everything of its own that a head tells of was applied here, its last frame by hash."""
    reach = {tip.epoch: tip for tip in theirs}
    if any(seq and (epoch not in reach or reach[epoch].seq < seq) for epoch, seq in told.items()):
        return False
    tip = reach.get(head.epoch)
    return not head.seq or (tip is not None and (tip.seq > head.seq or tip.hash == head.hash))


def _reach(head: Head | None, mine: list[Tip]) -> int:
    """How many frames of ours a head tells of, by number and hash."""
    if head is None:
        return 0
    return sum(_through(head, tip) for tip in mine)


def _through(head: Head | None, tip: Tip) -> int:
    """The last frame of an epoch of ours that a head tells of, by number and hash; 0 when of none."""
    told = [one for one in head.applied if (one.site, one.epoch) == (tip.site, tip.epoch)] if head else []
    reach = (min(one.seq, tip.seq) if one.seq != tip.seq or one.hash == tip.hash else tip.seq - 1 for one in told)
    return max(reach, default=0)


def _told(head: Head | None, site: int) -> dict[int, int]:
    """{epoch: last frame} of its own that a head tells of."""
    if head is None:
        return {}
    told = {one.epoch: one.seq for one in head.applied if one.site == site}
    return {**told, head.epoch: max(head.seq, told.get(head.epoch, 0))}


def _members(store: Store) -> Members:
    found = [member.read_entry(data, store.workspace) for data in books.entries(store.raw)]
    return member.fold([one for one in found if not isinstance(one, Problem)], bytes(store.own("root", bytes(32))))


def _heads(store: Store, members: Members) -> dict[int, Head]:
    found: dict[int, Head] = {}
    for site, (_, data, _) in books.heads(store.raw).items():
        head = heads_.decode(data, store.workspace, members.key_of)
        if isinstance(head, Head):
            found[site] = head
    return found


def moving(one: SiteStatus, now: datetime, patience: timedelta = PATIENCE) -> bool:
    """Whether a site is not in sync only because something has just been saved, there or here, and is on its way."""
    heard = one.heard is not None and now - one.heard <= QUIET
    fresh = one.since is None or now - one.since < patience
    return one.level == "behind" and one.state in ("live", "unheard") and heard and fresh


def own_trouble(store: Store, now: datetime) -> tuple[str, str]:
    """(what is wrong with this site's own part in the exchange, what to do), both '' when nothing is."""
    if _is_removed(store):
        return REMOVED
    if away := str(store.own("offline", "")):
        return away, AWAY
    if hindered := str(store.own("trouble", "")):
        return hindered, ""
    if store.own("restoring", 0):
        return "This site was restored or moved: until the folder was seen it sends nothing and gives no invoice number.", AWAY
    if store.own("twice", 0):
        return f"{store.code} runs twice: another copy of this installation wrote, too. What both wrote is kept.", STOP_ONE
    if until := _ahead(store, now):
        says = f"The clock here stood on {until:%d %b %Y} once: what was written here from then on is held at every other site."
        return says, AHEAD.format(until=until)
    return "", ""


def _ahead(store: Store, now: datetime) -> datetime | None:
    """The time of our last act's stamp where it is so far ahead that others hold what it was written under; else None."""
    last = max((tip.stamp for tip in books.tips(store.raw).values() if tip.site == store.site), default=0)
    # Where others' clocks stand there too it is this one that is behind, and nobody holds anything.
    heads = _heads(store, _members(store))
    latest = max([ms(now), *(head.wall_ms for site, head in heads.items() if site != store.site)])
    return instant(ms_of(last)) if last and is_held(last, latest) else None


def _is_removed(store: Store) -> bool:
    """Whether the membership log, as far as it is here, tells that this site was removed."""
    members = _members(store)
    return store.site in members.numbers and store.site not in members.current


def summary(store: Store, now: datetime, patience: timedelta = PATIENCE) -> Summary:
    """The state of sync for the top line. What waits for less than ``patience`` is on its way, and no trouble."""
    sites = status(store, None, now)
    lines = tuple(
        SiteLine(one.code, "moving", _age(now - one.heard))
        if one.heard is not None and moving(one, now, patience)
        else SiteLine(one.code, one.level, _line(one, now))
        for one in sites
    )
    if _is_removed(store):
        return Summary("removed", "stopped", tuple(replace(line, level="behind") for line in lines), True)
    away = str(store.own("offline", ""))
    if away:
        since = _age(now - instant(int(store.own("offline_since", 0) or ms(now))))
        # Nothing is proved while nobody is heard: what stood when they last were is told by its age alone.
        lines = tuple(replace(line, level="behind") if line.level != "stopped" else line for line in lines)
        return Summary(f"offline {since}", "stopped", lines, True)
    if store.own("trouble", ""):
        since = _age(now - instant(int(store.own("trouble_since", 0) or ms(now))))
        return Summary(f"not sent {since}", "stopped", lines, True)
    if store.own("twice", 0):
        return Summary("runs twice", "stopped", lines, True)
    if not sites:
        return Summary("alone", "synced", ())
    for level in ("stopped", "behind"):
        bad = [line for line in lines if line.level == level]
        if bad:
            return Summary(", ".join(f"{line.code} {line.words}" for line in bad), level, lines)
    if any(line.level == "moving" for line in lines):
        return Summary("on its way", "moving", lines)
    return Summary("in sync", "synced", lines)


def _line(one: SiteStatus, now: datetime) -> str:
    if one.level == "synced" and one.heard is not None:
        return _age(now - one.heard)
    long = one.since is not None and now - one.since >= timedelta(minutes=1)
    return f"{_behind(one)}, {_age(now - one.since)}" if long and one.since else _behind(one)


def _behind(one: SiteStatus) -> str:
    if one.refused:
        return f"{one.refused:,} refused"
    if one.state in ("gap", "held", "stopped", "forked"):
        return f"{one.state} at {one.have_of_its + 1}"
    if one.heard is None:
        return "not heard"
    if one.have_of_its < one.of_its:
        return f"{one.of_its - one.have_of_its} to come"
    return f"{one.waiting} waiting" if one.waiting else "not sent"


def _age(span: timedelta) -> str:
    seconds = max(int(span.total_seconds()), 0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


__all__ = [
    "PATIENCE", "Invited", "SiteLine", "SiteStatus", "Summary", "invited", "moving", "note", "own_trouble", "status", "summary",
]  # fmt: skip
