"""Shadow: what the terminal shows and what it should show, cell by cell, and the shortest way from one to the other.

It stands apart because it knows terminals and Rich's segments, and neither Textual nor the product.

Always: after ``changes()`` was written, every cell of the terminal is the newest one asked for; no control character
of any text reaches the terminal.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, permutations
from typing import Any

from rich.cells import get_character_cell_size
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style

try:
    from rich.cells import split_graphemes
except ImportError:  # an older Rich measures every character for itself

    def split_graphemes(text: str, unicode_version: str = "auto") -> tuple[list[tuple[int, int, int]], int]:
        spans = [(at, at + 1, get_character_cell_size(character)) for at, character in enumerate(text)]
        return spans, sum(cells for _, _, cells in spans)


#: Attributes of a Style, what switches each on and what switches it off.
ATTRIBUTES = (
    ("bold", "1", "22"), ("dim", "2", "22"), ("italic", "3", "23"), ("underline", "4", "24"), ("blink", "5", "25"),
    ("blink2", "6", "25"), ("reverse", "7", "27"), ("conceal", "8", "28"), ("strike", "9", "29"), ("underline2", "21", "24"),
    ("frame", "51", "54"), ("encircle", "52", "54"), ("overline", "53", "55"),
)  # fmt: skip
OFF = {on: off for _, on, off in ATTRIBUTES}
SEEN_ON_BLANKS = {"4", "7", "9", "21", "51", "52", "53"}
#: Terminals that erase with the background colour in force (terminfo's bce). screen does not.
ERASES = ("xterm", "tmux", "linux", "rxvt", "putty", "alacritty", "foot", "kitty", "konsole", "st-", "vte", "wezterm", "mintty")
#: Characters that every terminal draws in the cells counted here: (first, last).
SURE = (
    (0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x48A, 0x52F), (0x2010, 0x2027), (0x2030, 0x205E),
    (0x20A0, 0x20C0), (0x2190, 0x21FF), (0x2500, 0x25FC), (0x2800, 0x28FF), (0x1100, 0x115F), (0x2E80, 0x2FDF),
    (0x3001, 0x3029), (0x3030, 0x303E), (0x3041, 0x3096), (0x309B, 0x30FF), (0x3105, 0x318E), (0x3190, 0x4DBF),
    (0x4E00, 0xA48C), (0xAC00, 0xD7A3), (0xFF01, 0xFFDC),
)  # fmt: skip
KEPT = 1024  # styles and texts remembered: a few screens' worth


class Pen:
    """How a cell is drawn: SGR codes. Pens are made once each (``Shadow.pen``), so they compare by identity."""

    __slots__ = ("attributes", "bg", "blank", "fg", "link", "turns")

    def __init__(self, attributes: tuple[str, ...], fg: str, bg: str, link: str) -> None:
        self.attributes, self.fg, self.bg, self.link = attributes, fg, bg, link
        self.blank: Pen = self  # how a blank drawn with it looks
        self.turns: dict[Pen | None, str] = {}

    def turn(self, was: Pen | None) -> str:
        """The shortest sequence that puts this pen into the hand that holds ``was`` (None: nobody knows what)."""
        if (known := self.turns.get(was)) is None:
            known = self.turns[was] = self._turn(was)
        return known

    def _turn(self, was: Pen | None) -> str:
        colours = [code for code in (self.fg, self.bg) if code]
        anew = ["0", *self.attributes, *colours]
        sgr = "\x1b[m" if len(anew) == 1 else f"\x1b[{';'.join(anew)}m"
        if was is not None:
            gone = sorted({OFF[code] for code in was.attributes if code not in self.attributes})
            codes = gone + [code for code in self.attributes if code not in was.attributes or OFF[code] in gone]
            codes += [mine or default for mine, its, default in ((self.fg, was.fg, "39"), (self.bg, was.bg, "49")) if mine != its]
            change = f"\x1b[{';'.join(codes)}m" if codes else ""
            sgr = min(change, sgr, key=len)
        if self.link != (was.link if was else ""):
            sgr += f"\x1b]8;;{self.link}\x1b\\"
        return sgr


#: Has a terminal keep the place and the pen it is at; has it go back there with that pen.
KEEP, BACK = "\x1b7", "\x1b8\x1b7"
#: Bytes that going somewhere must cost to have the terminal keep the place; places of which it is counted how often they return.
DEAR, PLACES = 12, 64
#: So many runs are put into the order in which the way between them is shortest; more take too long to try.
NEAR = 16
#: Of so many runs of one pen every order is tried.
TRIED = 5

#: Cells to write: the pen, the row, the first column and the one behind the last.
Run = tuple[Pen, int, int, int]
#: A column, a row, and the pen in hand there.
Place = tuple[int, int, Pen]


class _Surely(dict[str, bool]):
    """Whether a cell's text takes, on every terminal, the cells counted here. \"\" is the second half of a wide one."""

    def __missing__(self, text: str) -> bool:
        at = ord(text[0]) if text else 0
        base = not text or any(first <= at <= last for first, last in SURE)
        self[text] = sure = base and all(unicodedata.combining(more) for more in text[1:])
        return sure


_surely = _Surely()


def _clean(text: str) -> str:
    """Without controls, marks that turn the direction of writing, lone surrogates."""
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs":
            kept.append("\ufffd")
        elif category[0] != "C" or character == "\u200d" or category in ("Co", "Cn"):
            kept.append("" if category in ("Zl", "Zp") else character)
    return "".join(kept)


@lru_cache(KEPT)
def cells(text: str, pen: Pen) -> tuple[str, tuple[str, ...], tuple[Pen, ...]]:
    """A text as cells: (marks that belong to the cell before it, text of each cell, pen of each cell)."""
    lead, marks = list(text) if text.isascii() and text.isprintable() else [], ""
    if not lead:
        for start, end, count in split_graphemes(text)[0]:
            piece = _clean(text[start:end])
            if count:
                lead += [piece, *[""] * (count - 1)] if piece else [" "] * count
            elif lead:
                at = len(lead) - 1
                while not lead[at]:
                    at -= 1
                lead[at] += piece
            else:
                marks += piece
    if pen.blank is pen or " " not in text:
        return marks, tuple(lead), (pen,) * len(lead)
    return marks, tuple(lead), tuple([pen.blank if cell == " " else pen for cell in lead])


def _aside(by: int) -> str:
    """Moves by so many columns in a row."""
    if -4 < by <= 0:
        return "\b" * -by
    return f"\x1b[{abs(by) if abs(by) > 1 else ''}{'C' if by > 0 else 'D'}"


class Shadow:
    """What the terminal shows and what it should show, as rows of cells; ``changes`` is the way from one to the other."""

    def __init__(self, colours: ColorSystem | None = ColorSystem.TRUECOLOR, erases: bool = False) -> None:
        self.colours, self.erases = colours, erases
        self.width = self.height = 0
        self._styles: dict[Style | None, Pen] = {}
        self._pens: dict[tuple[tuple[str, ...], str, str, str], Pen] = {}
        self.plain = self._made((), "", "", "")
        self.resize(0, 0)

    def resize(self, width: int, height: int) -> None:
        """Another size: everything is to be asked for again."""
        self.width, self.height = width, height
        self.want = [([" "] * width, [self.plain] * width) for _ in range(height)]
        self.forget()

    def forget(self) -> None:
        """Nobody knows what the terminal shows: all of it will be written again."""
        self.shown: list[tuple[list[Any], list[Any]]] = [([None] * self.width, [None] * self.width) for _ in range(self.height)]
        self.dirty = set(range(self.height))
        self.blank = True
        self.hand: Pen | None = None
        self.x: int | None = None
        self.y: int | None = None
        self._kept: Place | None = None  # where BACK goes
        self._often: Counter[Place] = Counter()  # how often the runs of lately began where
        self._begun: set[Place] = set()  # where those of these changes do

    def pen(self, style: Style | None) -> Pen:
        """The pen of a Rich style in this terminal's colours."""
        if (pen := self._styles.get(style)) is not None:
            return pen
        if len(self._styles) >= KEPT:
            self._styles.clear()
        if style is None:
            made = self.plain
        else:
            on = tuple(code for name, code, _ in ATTRIBUTES if getattr(style, name))
            link = "".join(c for c in style.link or "" if c.isprintable() and c.isascii())
            made = self._made(on, self._colour(style.color, True), self._colour(style.bgcolor, False), link)
        self._styles[style] = made
        return made

    def _colour(self, colour: Color | None, front: bool) -> str:
        if colour is None or self.colours is None:
            return ""
        code = ";".join(colour.downgrade(self.colours).get_ansi_codes(front))
        return "" if code in ("39", "49") else code

    def _made(self, on: tuple[str, ...], fg: str, bg: str, link: str) -> Pen:
        key = (on, fg, bg, link)
        if (pen := self._pens.get(key)) is None:
            if len(self._pens) >= 4 * KEPT:  # cells drawn with a forgotten pen are merely written once more
                self._pens = {((), "", "", ""): self.plain}
            pen = self._pens[key] = Pen(*key)
            if not link and not SEEN_ON_BLANKS.intersection(on) and (on or fg):
                pen.blank = self._made((), "", bg, "")
        return pen

    def put(self, x: int, y: int, segments: Iterable[Segment]) -> int:
        """Wants these segments from (x, y) on; returns the column behind them. What lies outside is left out."""
        texts, pens = self.want[y] if 0 <= y < self.height else ([], [])
        if 0 < x < len(texts) and not texts[x]:  # the second half of a wide one is overwritten
            texts[x - 1 : x + 1] = "  "
        for text, style, control in segments:
            if control or not text:
                continue
            marks, new, their = cells(text, self.pen(style))
            if marks and 0 < x <= len(texts):
                at = x - 1 if texts[x - 1] or x < 2 else x - 2
                if not texts[at].endswith(marks):
                    texts[at] += marks
            end = x + len(new)
            if end > len(texts):
                room = max(0, len(texts) - x)
                new, their = new[:room], their[:room]
                if room and cells(text, self.pen(style))[1][room : room + 1] == ("",):
                    new = (*new[:-1], " ")  # half of a wide one does not fit
            texts[x : x + len(new)] = new
            pens[x : x + len(new)] = their
            x = end
        if x < len(texts) and not texts[x]:
            texts[x] = " "
        self.dirty.add(y)
        return x

    def changes(self) -> str:
        """What to write so that the terminal shows what is wanted; it is taken as written."""
        out: list[str] = []
        rows = sorted(y for y in self.dirty if 0 <= y < self.height and self.want[y] != self.shown[y])
        self.dirty.clear()
        if not rows:
            return ""
        if self.blank:
            self._clear(out)
            self._fill(out)
        else:
            if len(rows) > 4:
                self._scroll(rows, out)
            runs = [run for y in rows for run in self._row(y)]
            self._begun = set()
            out.append(self._shorter(runs, rows))
            self._often.update(self._begun)
            if len(self._often) > PLACES:
                self._often = Counter({place: count // 2 for place, count in self._often.items() if count > 1})
        for y in rows:
            self.shown[y] = (self.want[y][0].copy(), self.want[y][1].copy())
        return "".join(out)

    def place(self, x: int, y: int) -> str:
        """Moves the cursor there."""
        out: list[str] = []
        if (self.x, self.y) != (x, y):
            self._go(x, y, out)
        return "".join(out)

    def _clear(self, out: list[str]) -> None:
        grounds = Counter(pen for texts, pens in self.want for text, pen in zip(texts, pens, strict=True) if text == " ")
        ground = self.plain
        if self.erases:
            ground = next((pen for pen, _ in grounds.most_common(4) if not pen.attributes and not pen.fg), self.plain)
        out += [ground.turn(None), "\x1b[2J"]
        self.shown = [([" "] * self.width, [ground] * self.width) for _ in range(self.height)]
        self.hand, self.blank = ground, False

    def _fill(self, out: list[str]) -> None:
        """Writes a cleared terminal one pen after the other: a move is shorter than a change of pen."""
        runs: dict[Pen, list[tuple[int, int, int]]] = {}
        for y, ((texts, pens), (_, ground)) in enumerate(zip(self.want, self.shown, strict=True)):
            x = 0
            while x < self.width:
                start, pen, last = x, pens[x], x + 1
                if texts[x] == " " and pen.blank is pen:
                    while last < self.width and texts[last] == " " and pens[last] is pen:
                        last += 1
                    x = last
                    if pen is ground[start]:
                        continue
                else:
                    while x < self.width and x - last < 6 and (pens[x] is pen or (texts[x] == " " and pens[x] is pen.blank)):
                        x += 1
                        if texts[x - 1] != " " or pen.blank is not pens[x - 1]:
                            last = x
                    x = last
                runs.setdefault(pen, []).append((y, start, x))
        for pen in sorted(runs, key=lambda pen: len(runs[pen]), reverse=True):
            for y, start, end in runs[pen]:
                self._write(start, end, y, pen, out)

    def _scroll(self, rows: list[int], out: list[str]) -> None:
        """Moves whole rows up or down where that leaves much less to write."""
        had: dict[str, list[int]] = {}
        for y in range(rows[0], rows[-1] + 1):
            had.setdefault("".join(map(str, self.shown[y][0])), []).append(y)
        votes: Counter[int] = Counter()
        for y in rows:
            there = had.get("".join(self.want[y][0]), ())
            if len(there) == 1:
                votes[there[0] - y] += 1
        by, count = next(iter(votes.most_common(1)), (0, 0))
        if not by or count < 4:
            return
        top, bottom = rows[0], rows[-1]
        count = bottom - top + 1
        unknown: tuple[list[Any], list[Any]] = ([None] * self.width, [None] * self.width)
        block = self.shown[top : bottom + 1]
        if by > 0:
            moved = block[by:] + [unknown] * min(by, count)
        else:
            moved = [unknown] * min(-by, count) + block[:by]

        def differing(block: list[tuple[list[Any], list[Any]]]) -> int:
            pairs = zip(block, self.want[top : bottom + 1], strict=True)
            return sum(a is not b and a != b for (old, _), (new, _) in pairs for a, b in zip(old, new, strict=True))

        if differing(moved) + 40 > differing(block):
            return
        out.append(self.plain.turn(self.hand) + f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H")
        out.append(f"\x1b[{abs(by) if abs(by) > 1 else ''}{'M' if by > 0 else 'L'}\x1b[r")
        self.hand, self.x, self.y = self.plain, None, None
        self.shown[top : bottom + 1] = [(texts.copy(), pens.copy()) for texts, pens in moved]
        rows[:] = range(top, bottom + 1)

    def _shorter(self, runs: list[Run], rows: list[int]) -> str:
        """Writes the runs row by row, or one pen after the other where that is shorter and halves no wide character."""
        begins = self._state()
        by_row = self._told(runs)
        in_turn = [run[0] for run in runs]
        pens = dict.fromkeys(in_turn)
        changes = sum(pen is not before for before, pen in zip([begins[0], *in_turn], in_turn, strict=False))
        turned, few = changes > len(pens) - (begins[0] in pens), 1 < len(runs) <= NEAR
        if not (turned or few) or any("" in self.want[y][0] or "" in self.shown[y][0] for y in rows):
            return by_row
        ends = self._state()
        self._stand(begins)
        by_pen = self._told(self._nearest(runs) if len(runs) <= NEAR else self._by_pen(runs))
        if len(by_pen) < len(by_row):
            return by_pen
        self._stand(ends)
        return by_row

    def _told(self, runs: Iterable[Run]) -> str:
        out: list[str] = []
        for pen, at, start, end in runs:
            self._write(start, end, at, pen, out)
        return "".join(out)

    def _by_pen(self, runs: list[Run]) -> Iterator[Run]:
        pens = dict.fromkeys(run[0] for run in runs)
        while pens:
            pen = min(pens, key=lambda pen: len(pen.turn(self.hand)))
            del pens[pen]
            yield from (run for run in runs if run[0] is pen)

    def _nearest(self, runs: list[Run]) -> Iterator[Run]:
        """Of the runs that the pen in hand can write, if any, always the one to which the way is shortest from where one is;
        where they are few, all in the order in which the whole way is."""
        left = list(runs)
        while left:
            run = min(left, key=lambda run: (run[0] is not self.hand, len(self._way(run[2], run[1], run[0]))))
            its = [one for one in left if one[0] is run[0]]
            for one in self._shortest(its) if 2 < len(its) <= TRIED else (run,):
                left.remove(one)
                yield one

    def _shortest(self, runs: list[Run]) -> Sequence[Run]:
        """Runs of one pen in the order in which the way through all of them is shortest."""
        pen = runs[0][0]
        first = [len(self._way(start, y, pen)) for _, y, start, _ in runs]
        then = [[len(self._move(end, at, pen, start, y)) for _, y, start, _ in runs] for _, at, _, end in runs]
        ways = permutations(range(len(runs)))
        best = min(ways, key=lambda way: first[way[0]] + sum(then[a][b] for a, b in pairwise(way)))
        return [runs[at] for at in best]

    def _state(self) -> tuple[Any, ...]:
        return self.hand, self.x, self.y, self._kept, frozenset(self._begun)

    def _stand(self, state: tuple[Any, ...]) -> None:
        """Takes back what was only tried."""
        self.hand, self.x, self.y, self._kept, begun = state
        self._begun = set(begun)

    def _row(self, y: int) -> Iterator[Run]:
        """The cells of a row that differ, in runs that one pen can draw."""
        texts, pens = self.want[y]
        differ = [t != o or p is not q for t, o, p, q in zip(texts, self.shown[y][0], pens, self.shown[y][1], strict=True)]
        x, hand = 0, self.hand
        while True:
            try:
                x = differ.index(True, x)
            except ValueError:
                return
            while x and not texts[x]:
                x -= 1
            pen, end = pens[x], x + 1
            if texts[x] == " " and pen.blank is pen:
                while end < self.width and texts[end] == " " and pens[end] is pen:
                    end += 1
            if end == x + 1 or sum(differ[x:end]) <= (3 if end == self.width else 11):
                pen, end = self._stretch(x, differ, texts, pens, hand)
            yield pen, y, x, end
            x, hand = end, pen

    def _write(self, x: int, end: int, y: int, pen: Pen, out: list[str]) -> None:
        """Writes the cells from x to end with a pen that suits them all."""
        texts = self.want[y][0]
        blank, tail = pen.blank, end
        while tail > x and texts[tail - 1] == " ":
            tail -= 1
        erasable = not blank.attributes and not blank.link and (self.erases or not blank.bg)
        if erasable and end - tail > (3 if end == self.width else 11):
            if tail > x:
                self._write(x, tail, y, pen, out)
            self._take(blank if self.hand is None or self.hand.blank is not blank else self.hand, tail, y, out)
            out.append("\x1b[K" if end == self.width else f"\x1b[{end - tail}X")
            return
        while x < end:
            stop = x
            while stop < end and _surely[texts[stop]]:
                stop += 1
            if stop > x:
                self._take(pen, x, y, out)
                out.append("".join(texts[x:stop]))
            else:
                stop += 1
                while stop < self.width and not texts[stop]:
                    stop += 1
                self._take(pen, x, y, out)
                # A terminal that draws it narrower must not keep what stood in its second cell.
                out.append(texts[x] if stop - x == 1 else f"{' ' * (stop - x)}\x1b[{x + 1}G{texts[x]}")
            self.x = stop if stop < self.width and _surely[texts[stop - 1]] and _surely[texts[x]] else None
            x = stop

    def _take(self, pen: Pen, x: int, y: int, out: list[str]) -> None:
        """Goes to (x, y) with this pen. Of the places to which the way is long, the one that returns most often is kept."""
        way, place = self._way(x, y, pen), (x, y, pen)
        out.append(way)
        self.hand, self.x, self.y = pen, x, y
        if not way or pen.link:
            return
        self._begun.add(place)
        if len(way) >= DEAR and self._often[place] > (self._often[self._kept] if self._kept else 0):
            out.append(KEEP)
            self._kept = place

    def _way(self, x: int, y: int, pen: Pen) -> str:
        """The shortest way from where one is to (x, y) with this pen."""
        way = self._move(self.x, self.y, self.hand, x, y) + pen.turn(self.hand)
        if len(way) > len(BACK) and self._kept is not None and not pen.link and not (self.hand and self.hand.link):
            kept_x, kept_y, kept = self._kept
            by_back = BACK + self._move(kept_x, kept_y, kept, x, y) + pen.turn(kept)
            if len(by_back) < len(way):
                return by_back
        return way

    def _stretch(self, x: int, differ: list[bool], texts: list[str], pens: list[Pen], hand: Pen | None) -> tuple[Pen, int]:
        """A pen for the cell at x, and the end of the changed cells that it can draw."""
        end, width = x, len(texts)
        while end < width and texts[end] == " " and differ[end]:
            end += 1
        # The pen of the first word behind blanks draws the blanks too, where they look the same with it.
        if hand is None or (pens[x] is not hand and (texts[x] != " " or hand.blank is not pens[x])):
            ahead = pens[end] if x < end < width and differ[end] else pens[x]
            hand = ahead if ahead.blank is pens[x] and all(pen is pens[x] for pen in pens[x:end]) else pens[x]
        end = x
        while end < width and (differ[end] or not texts[end]):
            if pens[end] is not hand and (texts[end] != " " or hand.blank is not pens[end]):
                break
            end += 1
        return hand, max(end, x + 1)

    def _go(self, x: int, y: int, out: list[str]) -> None:
        out.append(self._move(self.x, self.y, self.hand, x, y))
        self.x, self.y = x, y

    def _move(self, from_x: int | None, from_y: int | None, hand: Pen | None, x: int, y: int) -> str:
        """The shortest move, be it by writing again what stands in between."""
        if (from_x, from_y) == (x, y):
            return ""
        ways = [f"\x1b[{y + 1 if y else ''};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        aside = _aside(x - from_x) if from_x is not None else ""
        if from_y == y:
            ways.append(f"\x1b[{x + 1}G" if x else "\r")
            if from_x is not None:
                ways.append(aside)
                over = self._between(from_x, x, y, hand) if 0 < x - from_x <= 6 else ""
                if over and len(over.encode()) < min(map(len, ways)):
                    return over
        elif from_y is not None and y == from_y + 1 and x == 0:
            ways.append("\r\n")
        elif from_y is not None and from_x is not None:
            down = y - from_y
            ways.append({1: "\x1bD", -1: "\x1bM"}.get(down, f"\x1b[{abs(down)}{'B' if down > 0 else 'A'}") + aside)
        return min(ways, key=len)

    def _between(self, start: int, end: int, y: int, hand: Pen | None) -> str:
        """What stands in these cells, if this pen can write it."""
        texts = self.want[y][0][start:end]
        if hand is None or not texts[0] or not all(map(_surely.__getitem__, texts)):
            return ""
        pens = self.want[y][1][start:end]
        same = all(pen is hand or (text == " " and hand.blank is pen) for text, pen in zip(texts, pens, strict=True))
        return "".join(texts) if same else ""
