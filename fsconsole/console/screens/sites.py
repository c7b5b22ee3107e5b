"""Sites: what each office has of ours, what we have of it, what waits and what is held back, in sentences.

It stands apart because “in sync” must be provable from one screen, and what is not in sync must say what to do.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import lines, plural, section
from fsconsole.console.text import ago
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.errors import FsError
from fsconsole.settings import read_settings
from fsconsole.store.queries.narrow import holds

if TYPE_CHECKING:
    from fsconsole.sync.status import Invited

#: What a level is called, and its role.
LEVELS = {
    "synced": ("● in sync", "synced"), "moving": ("○ on its way", "synced"), "behind": ("◌ behind", "behind"),
    "stopped": ("✗ stopped", "stopped"), "alone": ("· alone", "dim"), "invited": ("· invited", "dim"),
    "heard": ("◌ as heard", "behind"),
}  # fmt: skip


class Seen(NamedTuple):
    """A site as it is listed; ``us`` is this one."""

    code: str
    name: str
    role: str
    level: str
    heard: str
    theirs: str
    ours: str
    words: str
    held: tuple[str, ...] = ()
    since: str = ""
    instead: str = ""
    us: bool = False


#: Lines of the screen that are neither the list nor what is told of a row.
AROUND = 7


def _invited(one: Invited, zone: tzinfo) -> Seen:
    until = f"{one.until.astimezone(zone):%d %b %H:%M}"
    words = f"its code expired on {until}" if one.expired else f"its code was not used yet; it opens until {until}"
    again = f"If the code was lost, invite it again; the old code then opens nothing: fsconsole invite {one.code}"
    return Seen(one.code, "", one.role, "invited", "", "", "", words, instead=again)


def _heard(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    return "ahead" if at - now > timedelta(minutes=5) else f"{ago(at, now)} ago"


class SitesView(ListView):
    """F9."""

    view = "sites"
    words = "Sites"
    BELOW = 8
    LEAVE_OUT = ("sort", "new_job", "open", "mark")
    NARROWS = ("site", "name", "role", "state")
    NO_MATCH = "No site holds those words."
    EMPTY = "This is the only site. Invite another: fsconsole invite CODE"
    FIELDS = (
        RowField("code", "site", 8, role="strong"),
        RowField("name", "name", 10, grow=1, drop=6),
        RowField("role", "role", 9, drop=7, role="dim"),
        RowField("level", "state", 12),
        RowField("heard", "heard", 9, "right", drop=3),
        RowField("theirs", "we have of it", 13, "right", drop=5),
        RowField("ours", "it has of ours", 14, "right", drop=4),
        RowField("words", "that is", 20, grow=4),
    )

    def __init__(self, row: bytes | None = None) -> None:
        self.row = row
        self._sites: list[Seen] | None = None
        self._folder = ""  # the shared folder, as the settings named it when the sites were read
        self._trouble = ""
        super().__init__()

    def reload(self) -> None:
        self._sites = None
        super().reload()

    def sites(self) -> list[Seen]:
        """This site and every other, as sync tells them now, that hold the words of the filter."""
        return [
            one
            for one in self._all()
            if holds(
                self.filter_words, {"site": one.code, "name": one.name, "role": one.role, "state": one.level, "words": one.words}
            )
        ]

    def _all(self) -> list[Seen]:
        if self._sites is None:
            self._sites = self._read()
        return self._sites

    def _read(self) -> list[Seen]:
        # What sync needs (keys, frames) is loaded when somebody first looks at it, not with the console.
        from fsconsole.sync import status

        store, now = self.store, self.now
        self._trouble = ""
        try:
            others = status.status(store, self.console.home, now)
        except (FsError, ValueError, LookupError) as error:
            self._trouble = f"The state of sync cannot be read: {error}"
            others = []
        asked = [] if self._trouble else status.invited(store, now)
        waiting = max((one.waiting for one in others), default=0)
        own = store.one("SELECT name, role FROM site WHERE number = ?", (store.site,)) or ("", "")
        shared = self._folder = read_settings(self.console.home.settings)[0].shared  # ``fsconsole share`` may have named another
        away = str(store.own("offline", ""))
        trouble, do = status.own_trouble(store, now)
        if trouble or self.console.sharing_trouble:
            said = trouble or self.console.sharing_trouble
        elif not shared:
            said = "No shared folder is set: nothing is exchanged."
        elif not others:
            said = "No other site yet. Invite one: fsconsole invite CODE"
        else:
            said = (
                f"{plural(waiting, 'frame')} of ours not confirmed everywhere yet" if waiting else "All of ours is everywhere."
            )
        patience = status.PATIENCE * max(self.console.desk.clock.rate, 1.0)
        moves = {one.code for one in others if status.moving(one, now, patience)}
        worse = any(one.level != "synced" and one.code not in moves for one in others)
        level = "behind" if waiting and worse else "moving" if waiting else "synced" if others else "alone"
        if trouble or self.console.sharing_trouble or (others and not shared):
            level = "stopped"
        if others and not shared:
            do = "Name the folder: fsconsole share DIR. Then start this console again."
        held = tuple(says for (says,) in store.sql("SELECT says FROM held WHERE site IS NULL OR site IN (0, ?)", (store.site,)))
        us = Seen(f"{store.code} (us)", own[0], own[1], level, "", "", "", said, held, instead=do, us=True)
        return [
            us,
            *(
                Seen(
                    one.code,
                    one.name,
                    one.role,
                    "heard" if away and one.level != "stopped" else "moving" if one.code in moves else one.level,
                    _heard(one.heard, now),
                    f"{one.have_of_its:,} of {one.of_its:,}",
                    f"{one.has_of_ours:,} of {one.of_ours:,}",
                    "in sync when last heard" if away and one.level == "synced" else one.words,
                    one.held,
                    f"{ago(one.since, now)} ago" if one.since else "",
                    one.instead,
                )
                for one in others
            ),
            *(_invited(one, self.store.zone) for one in asked),
        ]

    def _by(self) -> str:
        """Which of this site's consoles exchanges just now."""
        from fsconsole.sync.exchange import publisher

        if not self._folder:
            return ""
        process = publisher(self.store)
        if process is None:
            return "by nobody just now"
        return "by this console" if process == os.getpid() else f"by another console or command here, process {process}"

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: self.sites()[offset : offset + limit],
            lambda: len(self.sites()),
            lambda code: next((index for index, one in enumerate(self.sites()) if one.code == code), None),
            self._row,
        )

    def everything(self) -> int:
        return len(self._all())

    def _row(self, one: Seen) -> Row:
        cells = (
            one.code,
            one.name,
            one.role,
            LEVELS.get(one.level, (one.level, "normal")),
            one.heard,
            one.theirs,
            one.ours,
            one.words,
        )
        return Row(one.code, 0, cells)

    def head(self) -> Sequence[Piece]:
        others = [one for one in self._all() if not one.us and one.level != "invited"]
        if self._trouble:
            return [(self._trouble, "late")]
        synced = sum(one.level == "synced" for one in others)
        moving = sum(one.level == "moving" for one in others)
        if self.store.own("offline", ""):
            return [("offline: the sites are shown as they were last heard", "late")]
        said = f"{synced} of {plural(len(others), 'other site')} in sync" if others else "one site"
        said += f", {moving} exchanging just now" if moving else ""
        shared = self._folder
        where = f"   through {shared}" if shared else "   no shared folder"
        return [(said, "title" if synced + moving == len(others) else "soon"), (where, "dim")]

    def sections(self, value: Seen) -> Sequence[Section]:
        title = f"{value.code}  {value.name}"
        state = lines(
            ("state", value.words, LEVELS.get(value.level, ("", "normal"))[1]),
            ("since", value.since),
            ("do", value.instead, "soon"),
        )
        known = lines(
            ("role", value.role),
            ("heard", value.heard),
            ("its frames", f"{value.theirs} are here" if value.theirs else ""),
            ("our frames", f"{value.ours} are there, as far as it has told" if value.ours else ""),
            ("folder", self._folder if value.us else ""),
            ("exchanged", self._by() if value.us else ""),
        )
        if not value.held:
            return section(title, (*state, *known))
        # What is held back is why one looks here: it stands where a small screen shows it.
        held = tuple(DetailLine("", each, "late") for each in value.held)
        return [Section(title, state), Section("Held back", held), *section("", known)]

    def _lay_out(self, columns: int, lines: int) -> None:
        super()._lay_out(columns, lines)
        if self.has_class("-below"):
            # There are few sites and much to say of one: what the list leaves is for that.
            self.aside.styles.height = max(self.BELOW, lines - AROUND - max(len(self._all()), 3))

    def chosen(self) -> None:
        return None

    def open_row(self, id: Any, value: Any) -> None:
        return
