"""Any CSV as a stream of rows with their true line numbers.

It stands apart because every import and two trail formats need the same patience with encodings, delimiters,
titles above the header, torn ends and stray quotation marks.

Always: a damaged row costs itself and no other; the file is never held in memory.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from fsconsole.values.work import Reject

SAMPLE = 1 << 16  # bytes looked at to tell encoding, delimiter and header
SPAN = 100  # lines one quoted cell may run over before its quotation mark counts as stray
HEADER_WITHIN = 40  # rows among which the header is sought
DELIMITERS = ",;\t|"

Recognise = Callable[[str], bool]

_SPACES = "\t\n\r\x0b\x0c\x85\xa0\u2007\u202f\u2028\u2029"
_NOTHING = [*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x200B, 0x200E, 0x200F, 0xFEFF]
_NOTHING += [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]  # bidirectional overrides turn a screen's line round
_SWEEP: dict[int, str | None] = dict.fromkeys(_NOTHING)
_SWEEP |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")  # half a surrogate pair cannot be stored as UTF-8
_SWEEP |= {ord(c): " " for c in _SPACES}
_DIRTY = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]").search
_DIRTY_BUT_TAB = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]").search
_CP1252 = [bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(256)]

#: What a file begins with when it is no text at all, and what to do about it.
_NOT_TEXT = {
    b"PK\x03\x04": "this is a workbook or an archive, not text; save the sheet as CSV (or unpack it) and import that",
    b"\xd0\xcf\x11\xe0": "this is an old Excel workbook, not text; save the sheet as CSV and import that",
    b"%PDF": "this is a PDF, not a table; export the data as CSV and import that",
    b"\x1f\x8b": "this file is compressed with gzip; unpack it and import what is inside",
    b"SQLite format 3": "this is a database, not a table; export the data as CSV and import that",
}


def clean(text: str) -> str:
    """Text in Unicode NFC without control characters; line breaks, tabs and hard spaces become spaces; trimmed."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_SWEEP)
    elif _DIRTY(text) or "\n" in text or "\r" in text:
        text = text.translate(_SWEEP)
    return text.strip()


@dataclass(frozen=True, slots=True)
class RowReject(Reject):
    """A reject that still has its row as it stood, so that it can be written out, mended and imported again."""

    row: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is written."""

    encoding: str
    errors: str
    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None


class _Unclosed(Exception):
    """A quotation mark opened and the record ran out of lines."""


class _Lines:
    """Lines for csv.reader that remember what the current record took, so that it can be given back."""

    __slots__ = ("dirty", "is_dirty", "line", "pending", "source", "taken")

    def __init__(self, source: Iterable[str], delimiter: str) -> None:
        self.source = iter(source)
        self.line = 0
        self.taken: list[str] = []
        self.pending: deque[str] = deque()
        self.dirty = False
        self.is_dirty = _DIRTY_BUT_TAB if delimiter == "\t" else _DIRTY

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        taken = self.taken
        if len(taken) >= SPAN:
            raise _Unclosed
        if self.pending:
            text = self.pending.popleft()
        else:
            try:
                text = next(self.source)
            except StopIteration:
                if taken:
                    raise _Unclosed from None
                raise
        self.line += 1
        taken.append(text)
        if not text.isascii() or self.is_dirty(text):
            self.dirty = True
        return text

    def give_back(self) -> None:
        """Return all but the first line of the current record, to be read again on their own."""
        rest = self.taken[1:]
        self.pending.extendleft(reversed(rest))
        self.line -= len(rest)
        del self.taken[1:]


class Sheet:
    """A CSV file opened: its shape, its headers, and its rows as often as one asks.

    ``problem`` is set when the file cannot be read at all; its rows are then that one reject.
    """

    def __init__(self, source: Path | bytes, name: str, recognise: Recognise | None) -> None:
        self.source = source
        self.file = name
        self.headers: tuple[str, ...] = ()
        self.header_line = 0
        self.titles: tuple[str, ...] = ()
        self.shape = Shape("utf-8", "fsconsole.bytes")
        self.problem: Reject | None = None
        self.size = 0
        self._ragged = False
        self._skip = 0
        self._raw: BinaryIO | None = None
        try:
            with self._open() as raw:
                sample = raw.read(SAMPLE)
                whole = len(sample) < SAMPLE or not raw.read(1)
                self.size = raw.seek(0, io.SEEK_END)
        except OSError as error:
            self.problem = Reject(name, 0, "", "", f"the file cannot be read: {error.strerror or error}")
            return
        for start, reason in _NOT_TEXT.items():
            if sample.startswith(start):
                self.problem = Reject(name, 1, "", "", reason)
                return
        self._look(sample, whole, recognise)

    def _open(self) -> BinaryIO:
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")

    def _look(self, sample: bytes, whole: bool, recognise: Recognise | None) -> None:
        encoding, errors = _encoding(sample)
        text = sample.decode(encoding, errors)
        if not whole:
            text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
        told = re.match(r'\ufeff?"?sep=(.)"?\r?\n', text, re.IGNORECASE)
        shape = Shape(encoding, errors, told[1]) if told else _shape(text, encoding, errors, recognise)
        self.shape = shape
        lines = _Lines(io.StringIO(text, newline=""), shape.delimiter)
        found = [(lines.line, row) for row in _sampled(lines, shape)]
        if told:
            found = found[1:]
        rows = [(line, [clean(cell) for cell in row]) for line, row in found]
        place = _header(rows, recognise)
        if place is None:
            self.problem = Reject(self.file, 1, "", "", "the file is empty; a header row and rows below it were expected")
            return
        self.titles = tuple(" ".join(filter(None, row)) for _, row in rows[:place] if any(row))
        self._skip, header = rows[place]
        self.header_line = self._skip
        self.headers = _named(header)
        below = [len(row) for _, row in rows[place + 1 :] if any(row)]
        short = sum(width < len(self.headers) for width in below)
        # Excel leaves out empty trailing cells from the seventeenth row on: many short rows are a habit, one is damage.
        self._ragged = short >= 3 and short * 10 >= len(below)

    def done(self) -> float:
        """How much of the file has been read by the current pass over its rows, from 0 to 1."""
        return min(1.0, self._raw.tell() / self.size) if self._raw and not self._raw.closed and self.size else 1.0

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]] | Reject]:
        """Each row as (line, {header: text}), or a reject where a row is damaged."""
        headers = self.headers
        for item in self.rows():
            yield item if isinstance(item, Reject) else (item[0], dict(zip(headers, item[1], strict=True)))

    def rows(self) -> Iterator[tuple[int, list[str]] | Reject]:
        """Each row as (line, cells in the order of ``headers``, cleaned), or a reject where a row is damaged."""
        if self.problem is not None:
            yield self.problem
            return
        try:
            with self._open() as raw:
                self._raw = raw
                with io.TextIOWrapper(raw, self.shape.encoding, self.shape.errors, newline="") as text:
                    yield from self._rows(text)
        except OSError as error:
            yield Reject(self.file, 0, "", "", f"the file cannot be read further: {error.strerror or error}")

    def _rows(self, text: Iterable[str]) -> Iterator[tuple[int, list[str]] | Reject]:
        lines = _Lines(text, self.shape.delimiter)
        reader = _reader(lines, self.shape)
        width, headers = len(self.headers), list(self.headers)
        taken = lines.taken
        while lines.line < self._skip:
            taken.clear()
            try:
                next(lines)
            except StopIteration:
                return
        while True:
            taken.clear()
            lines.dirty = False
            first = lines.line + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except (_Unclosed, csv.Error) as error:
                lines.give_back()
                yield self._stray(first, taken[0] if taken else "", error)
                continue
            if not row:
                continue
            if len(taken) > 1:
                if len(row) != width or not _closes(taken, self.shape):
                    lines.give_back()
                    yield self._stray(first, taken[0], _Unclosed())
                    continue
                lines.dirty = True
            if lines.dirty:
                if any("\0" in cell for cell in row):
                    yield self._refuse(first, row, "the row holds NUL bytes: the file was damaged here")
                    continue
                row = [clean(cell) for cell in row]
            else:
                row = [cell.strip() for cell in row]
            if len(row) != width:
                if not any(row):
                    continue
                if len(row) > width:
                    if any(row[width:]):
                        yield self._refuse(first, row, f"the row has {len(row)} cells, the header has {width}")
                        continue
                    row = row[:width]
                elif not taken[-1].endswith(("\n", "\r")):
                    yield self._refuse(first, row, "the file ends in the middle of this row")
                    continue
                elif not self._ragged:
                    yield self._refuse(first, row, f"the row has {len(row)} cells, the header has {width}")
                    continue
                else:
                    row += [""] * (width - len(row))
            if not any(row) or row == headers:
                continue
            yield first, row

    def _refuse(self, line: int, row: list[str], reason: str) -> RowReject:
        cells = tuple(clean(cell) for cell in row)
        return RowReject(self.file, line, "", " | ".join(cells)[:80], reason, cells)

    def _stray(self, line: int, text: str, error: Exception) -> RowReject:
        text = clean(text)
        if isinstance(error, _Unclosed):
            reason = "a quotation mark opens in this row and does not close; double it or take it out"
        else:
            reason = f"the row cannot be read: {error}"
        cells = tuple(text[:10_000].split(self.shape.delimiter))
        return RowReject(self.file, line, "", text[:80], reason, cells)


def open_sheet(source: Path | str | bytes, *, name: str = "", recognise: Recognise | None = None) -> Sheet:
    """Open a CSV file (or its bytes): encoding, delimiter, quoting and header row are told from its beginning.

    ``recognise`` says whether a header is a known one; the row with most of them is the header, and the
    delimiter that finds most of them is the delimiter. Never raises on what the file holds or lacks.
    """
    if isinstance(source, str):
        source = Path(source)
    return Sheet(source, name or (source.name if isinstance(source, Path) else "input"), recognise)


def _reader(lines: Iterable[str], shape: Shape, *, strict: bool = False) -> Any:
    return csv.reader(
        lines,
        delimiter=shape.delimiter,
        quotechar=shape.quote,
        escapechar=shape.escape,
        skipinitialspace=shape.delimiter != " ",
        strict=strict,
    )


def _closes(taken: list[str], shape: Shape) -> bool:
    """Whether a record over several lines is well quoted; otherwise two stray marks have swallowed what lay between."""
    try:
        return len(list(_reader(taken, shape, strict=True))) == 1
    except csv.Error:
        return False


def _sampled(lines: _Lines, shape: Shape) -> Iterator[list[str]]:
    """The records at the beginning, damaged ones as an empty row; ``lines.line`` is the last line of each."""
    reader = _reader(lines, shape)
    for _ in range(500):
        lines.taken.clear()
        try:
            yield next(reader)
        except StopIteration:
            return
        except (_Unclosed, csv.Error):
            lines.give_back()
            yield []


def _mixed(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not what the rest of the file is, read as Windows-1252 (which every byte can be)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(_CP1252[b] for b in error.object[error.start : error.end]), error.end


codecs.register_error("fsconsole.bytes", _mixed)


def _encoding(sample: bytes) -> tuple[str, str]:
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32")):
        if sample.startswith(mark):
            return name, "fsconsole.bytes" if name == "utf-8-sig" else "replace"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", "replace"
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if half >= 4 and odd > 0.3 * half and even < 0.05 * half:
        return "utf-16-le", "replace"
    if half >= 4 and even > 0.3 * half and odd < 0.05 * half:
        return "utf-16-be", "replace"
    bad = sample.decode("utf-8", "replace").count("\ufffd")
    if bad:
        good = sum(not c.isascii() for c in sample.decode("utf-8", "ignore"))
        # A sample cut inside a character, or one stray byte, does not turn a UTF-8 file into Windows-1252.
        if bad > max(good, 0 if len(sample) < SAMPLE else 1):
            return "cp1252", "fsconsole.bytes"
    return "utf-8", "fsconsole.bytes"


def _shape(text: str, encoding: str, errors: str, recognise: Recognise | None) -> Shape:
    best, best_score = Shape(encoding, errors), (-1, -1.0, -1)
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        shape = Shape(encoding, errors, delimiter, _quote(text, delimiter), _escape(text, delimiter))
        lines = _Lines(io.StringIO(text, newline=""), delimiter)
        rows = [row for row in _sampled(lines, shape) if any(cell.strip() for cell in row)]
        if not rows:
            continue
        hits = max(sum(map(recognise, map(clean, row))) for row in rows[:HEADER_WITHIN]) if recognise else 0
        width, count = Counter(map(len, rows)).most_common(1)[0]
        place = _header([(0, row) for row in rows], recognise) or 0
        steady = count / len(rows) * (1 if len(rows[place]) == width else 0.5) if width > 1 else 0.0
        score = (hits if hits >= 2 else 0, steady, width)
        if score > best_score:
            best, best_score = shape, score
    return best


def _quote(text: str, delimiter: str) -> str:
    if '"' in text or "'" not in text:
        return '"'
    edge = re.escape(delimiter)
    quoted = len(re.findall(rf"(?:^|{edge})'[^'\n]*'(?={edge}|\r?$)", text, re.MULTILINE))
    return "'" if quoted > text.count("\n") / 2 and quoted > 1 else '"'


def _escape(text: str, delimiter: str) -> str | None:
    edge = re.escape(delimiter)
    return "\\" if re.search(rf'[^\\{edge}\n]\\"(?!{edge}|\r|\n|$)', text) else None


def _header(rows: list[tuple[int, list[str]]], recognise: Recognise | None) -> int | None:
    """The index of the header row: the one with most known headers, else the first that looks like one."""
    near = rows[:HEADER_WITHIN]
    if recognise is not None and near:
        hits = [sum(map(recognise, row)) for _, row in near]
        best = max(hits)
        if best >= 2 or (best == 1 and max(len(row) for _, row in near) <= 2):
            return hits.index(best)
    widths = Counter(len(row) for _, row in rows if sum(map(bool, row)) > 1)
    width = widths.most_common(1)[0][0] if widths else 1
    first = None
    for index, (_, row) in enumerate(near):
        filled = [cell for cell in row if cell.strip()]
        if not filled:
            continue
        first = index if first is None else first
        numbers = sum(any(c.isdigit() for c in cell) and not any(c.isalpha() for c in cell) for cell in filled)
        if len(filled) >= max(1 if width == 1 else 2, width * 0.5) and numbers * 3 <= len(filled):
            return index
    return first


def _named(header: list[str]) -> tuple[str, ...]:
    """Headers made unique: an empty one is called by its place, a repeated one is numbered."""
    while len(header) > 1 and not header[-1]:
        header = header[:-1]
    seen: set[str] = set()
    names = []
    for place, name in enumerate(header, 1):
        base = name or f"column {place}"
        unique, count = base, 1
        while unique in seen:
            count += 1
            unique = f"{base} ({count})"
        seen.add(unique)
        names.append(unique)
    return tuple(names)
