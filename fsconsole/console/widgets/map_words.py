"""What the map says in words: its first line, its last lines, the list beside it, and each thing in a line.

It stands apart because the picture and the words about it change for different reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from fsconsole.console.glyphs import ASCII, Glyphs
from fsconsole.console.text import clean, clip, pad, width, wrap
from fsconsole.console.widgets.map_scene import MINUTE, Piece, heads, silent_words, stay_minutes
from fsconsole.console.widgets.map_things import JobPin, MapData, StayMark, TechnicianDot, Thing
from fsconsole.values.geo import direction_words, distance_m, distance_words, length_m

Words = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """One moment of the map, to be said in words: what there is, which instant is shown, who is chosen."""

    data: MapData
    letters: Mapping[bytes, str]
    until: int
    live: bool
    chosen: bytes | None
    following: bool
    cursor: Thing | None
    glyphs: Glyphs
    zone: tzinfo

    @property
    def plain(self) -> bool:
        return self.glyphs is ASCII

    def clock(self, at: int) -> str:
        return f"{datetime.fromtimestamp(at / 1000, self.zone):%H:%M}"

    def silent(self, technician: TechnicianDot) -> int | None:
        """Minutes of silence; None while heard, and in the past, where silence is not known."""
        return technician.silent_minutes if self.live else None

    def by_code(self) -> list[TechnicianDot]:
        return sorted(self.data.technicians, key=lambda each: (each.code.casefold(), each.id))

    def person(self) -> TechnicianDot | None:
        """The chosen technician."""
        return next((each for each in self.data.technicians if each.id == self.chosen), None)

    def stays(self) -> list[StayMark]:
        """The chosen technician's stays up to the instant shown, in order."""
        mine = [
            stay for stay in self.data.stays if stay.technician == self.chosen and stay.start <= self.until
        ]
        return sorted(mine, key=lambda stay: stay.start)

    # The first line.

    def slider(self, cells: int) -> Words:
        """The day from end to end, and the instant shown."""
        first, last = self.data.day
        if last <= first:
            return ((" ", "normal"),)
        share = (min(max(self.until, first), last) - first) / (last - first)
        at = round(share * (cells - 1))
        line, knob = ("-", "O") if self.plain else ("━", "●")
        return (
            (f" {self.clock(first)} ", "dim"),
            (line * at, "normal"),
            (knob, "here"),
            (line * (cells - 1 - at), "faint"),
            (f" {self.clock(last)}  ", "dim"),
            (f"{self.clock(self.until)} ", "strong"),
            ("live  ", "fine") if self.live else ("replay  ", "soon"),
        )

    def people(self, cells: int) -> Words:
        """Each technician's letter, name, and for how long they are silent; from the chosen one on where few fit."""
        pieces: list[Piece] = []
        for technician in self.by_code():
            silent = self.silent(technician)
            name = clean(technician.name.split(" ")[0] or technician.code)
            words = f" {silent_words(silent)}" if silent is not None else ""
            role = "here" if technician.id == self.chosen else "soon" if silent is not None else "normal"
            pieces.append((f" {self.mark(silent)}{self.letters[technician.id]} {name}{words} ", role))
        if self.following:
            pieces.insert(0, ("following ", "key"))
        if sum(width(text) for text, _ in pieces) > cells:
            # The chosen one and the silent ones first: the others can be read on the map.
            pieces.sort(key=lambda piece: ("key", "here", "soon", "normal").index(piece[1]))
        return tuple(pieces)

    def mark(self, silent: int | None) -> str:
        return ("*" if self.plain else "●") if silent is None else ("?" if self.plain else "◌")

    # The last lines.

    def foot(self, note: str, wide: bool) -> list[Words]:
        """What the cursor stands on; where there is no list beside the map also the chosen technician's day."""
        first: Words = ((" arrows step from thing to thing; enter opens", "dim"),)
        person = self.person()
        if not wide and person is not None and self.cursor == Thing("technician", person.id):
            said = silent_words(self.silent(person)) or (clean(person.state) if self.live else "")
            first = ((f" {clean(person.name)}  {said}", "strong"),)
        elif self.cursor is not None:
            first = ((" " + self.thing(self.cursor), "strong"),)
        elif note:
            first = ((" " + clean(note), "stuck"),)
        if wide:
            return [first]
        if person is None:
            return [first, ()]
        second: Words = ((f" {clean(person.name)}  {self.day(person)}", "normal"),)
        lost = [stay for stay in self.stays() if not stay.known]
        if lost:
            minutes = sum(stay_minutes(stay, self.until) for stay in lost)
            stops = "1 stop" if len(lost) == 1 else f"{len(lost)} stops"
            second += ((f"  {stops} with no job, {minutes} min", "stuck"),)
        return [first, second]

    # A thing in a line.

    def thing(self, thing: Thing) -> str:
        """What a thing is, in a line; empty when it is no longer there."""
        parts: tuple[str, ...] = ()
        if thing.kind == "job":
            for job in self.data.jobs:
                if job.id == thing.id:
                    name = f"{clean(job.ref)} {clean(job.label)}"
                    parts = (name.strip(), job.column, clean(job.due), self.nearest(job))
        elif thing.kind == "technician":
            for person in self.data.technicians:
                if person.id == thing.id:
                    said = silent_words(self.silent(person)) or (clean(person.state) if self.live else "")
                    parts = (clean(person.name), said, self.day(person))
        else:
            for stay in self.data.stays:
                if (stay.technician, stay.start) == thing[1:]:
                    who = next((clean(t.name) for t in self.data.technicians if t.id == stay.technician), "")
                    minutes = f"{stay_minutes(stay, self.until)} min"
                    job_words = clean(stay.card) if stay.known else "no job"
                    parts = (who, self.times(stay), clean(stay.label), minutes, job_words)
        return "  ".join(part for part in parts if part)

    def day(self, person: TechnicianDot) -> str:
        """A technician's promises and the way they came, up to the instant shown."""
        points = [point[:2] for point in self.data.trails.get(person.id, ()) if point[2] <= self.until]
        driven = distance_words(length_m(points)) if len(points) > 1 else "no trail"
        return f"{clean(person.promised)} promised  {driven}" if person.promised else driven

    def nearest(self, job: JobPin) -> str:
        """Who is nearest to a job, as the crow flies; only people who are heard."""
        places = heads(self.data, self.until, self.live)
        heard = [each for each in self.data.technicians if each.id in places and self.silent(each) is None]
        if not heard:
            return ""
        here = job.lat, job.lon
        near = min(heard, key=lambda each: distance_m(places[each.id], here))
        away = distance_m(places[near.id], here)
        name = clean(near.name.split(" ")[0] or near.code)
        if away < 150:
            return f"{name} is there"
        return f"nearest {name}, {distance_words(away)} {direction_words(here, places[near.id])}"

    def times(self, stay: StayMark) -> str:
        end = stay.start + stay_minutes(stay, self.until) * MINUTE
        dash = "-" if self.plain else "–"
        return f"{self.clock(stay.start)}{dash}{self.clock(end)}"

    # The list beside the map.

    def side(self, cells: int, height: int) -> list[Words]:
        """The chosen technician's day, who else is silent, and what the marks mean; at most ``height`` lines."""
        lines: list[Words] = []
        person = self.person()
        if person is not None:
            words = self.day(person)
            name = clip(f"{self.letters[person.id]}  {clean(person.name)}", max(6, cells - width(words) - 2))
            gap = " " * max(1, cells - width(name) - width(words))
            lines.append(((name, "here"), (gap + words, "normal")))
            silent = self.silent(person)
            if silent is not None:
                lines.append(((silent_words(silent), "soon"),))
            elif self.live and person.state:
                lines += [((line, "strong"),) for line in wrap(clean(person.state), cells)[:2]]
            lines.append(())
            lines += self.stay_lines(cells, max(3, height - 16))
        quiet = [
            each for each in self.data.technicians if self.silent(each) is not None and each is not person
        ]
        if quiet:
            lines.append(())
        for each in sorted(quiet, key=lambda one: -(one.silent_minutes or 0))[:4]:
            name = f"{self.letters[each.id]}  {clean(each.name)}  "
            lines.append(((name, "normal"), (silent_words(each.silent_minutes), "soon")))
        legend = self.legend()
        room = height - len(lines) - len(legend)
        if room > 0:
            lines += [()] * room + legend
        return lines[:height]

    def stay_lines(self, cells: int, most: int) -> list[Words]:
        """``08:12–08:51 Orme Hotel  39m card 40 min``, a line each; the last ``most`` of them."""
        stays = self.stays()
        lines: list[Words] = []
        if len(stays) > most:
            lines.append(((f"{len(stays) - most + 1} earlier stays", "dim"),))
            stays = stays[len(stays) - most + 1 :]
        room = cells - 12 - 6 - 12
        for stay in stays:
            name = pad(clean(stay.label) or "unknown place", room)
            minutes = f"{stay_minutes(stay, self.until)}m"
            here = self.cursor == Thing("stay", stay.technician, stay.start)
            tail = (clip(clean(stay.card), 12), "dim") if stay.known else ("no job", "stuck")
            lines.append(((f"{self.times(stay)} {name} {minutes:>4} ", "cursor" if here else "normal"), tail))
        return lines or [(("no stays yet", "dim"),)]

    def legend(self) -> list[Words]:
        new, old = (":::", ". .") if self.plain else ("⠒⠒⠒", "⠂⠐⠂")
        stay, lost = ("=", "x") if self.plain else ("▪", "□")
        job, work = ("o", "@") if self.plain else ("◇", "◆")
        live, quiet, late = self.mark(None), self.mark(0), self.glyphs.late
        return [
            (),
            ((f"{live}A heard  {quiet}A silent  {new} new  {old} old", "dim"),),
            ((f"{job} job {work} at work {late} late {stay} stay {lost} no job", "dim"),),
        ]
