"""A file's headers matched to our fields, and its rows read as records.

It stands apart from the store on purpose: what a file says is settled here, what to do about it is not.

Always: a row gives one record or one reject; a column that matches nothing is kept under its own header.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any

from fsconsole.inbox import fields, rows, words
from fsconsole.inbox.fields import DateOrder, Mark, Order
from fsconsole.inbox.known import KINDS, Field, Kind, header_key
from fsconsole.inbox.sheets import RowReject, Sheet, open_sheet
from fsconsole.values.work import Reject

SAMPLED = 5_000  # rows looked at to tell a column's date order and decimal mark
REMEMBERED = 4_096  # different texts of one column whose values are remembered

Convert = Callable[[str], Any]

#: Texts that stand for an empty cell; compared as they are written, since Nan and Na are people's names.
_SAYS_NOTHING = frozenset(
    ["-", "--", "---", ".", "–", "—", "n/a", "N/A", "#N/A", "#VALUE!", "#REF!", "null", "NULL", "(null)", "(blank)", "none",
    "None", "NONE", "nil", "Nil", "nan", "NaN"]
) | {""}

#: Roles that are sent invoices, as header_key writes them.
_PAYABLE = ("accountspayable", "ap", "accounts", "billing", "finance", "invoices", "invoicing", "accountsdept", "purchaseledger")

_DATED = ("day", "last day", "instant")
_COUNTED = ("money", "quantity")


@dataclass(frozen=True, slots=True)
class Match:
    """How a file's headers were matched.

    ``used`` is ours -> theirs; ``custom`` the headers kept as custom fields; ``missing`` and ``unknown`` are
    sentences: what the kind cannot do without, and what a given map names that is not there.
    """

    kind: str
    used: dict[str, str] = field(default_factory=dict)
    custom: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        return not self.missing and not self.unknown


@dataclass(frozen=True, slots=True)
class Record:
    """One row read: values by our field names (an empty cell is left out), and the custom cells that hold something.

    ``doubts`` say what was left out of the record though the row was taken.
    """

    line: int
    values: dict[str, Any]
    custom: dict[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()


def parse_map(text: str) -> dict[str, str]:
    """``ours=theirs,ours=theirs`` as a dict; a header with a comma in it is put in quotation marks.

    Raises ValueError with what is wrong and how to write it.
    """
    pairs: dict[str, str] = {}
    piece, quoted = "", ""
    for char in [*text, ","]:
        if char in "\"'" and (quoted == char or (not quoted and (not piece or piece.endswith("=")))):
            quoted = "" if quoted else char
        elif char == "," and not quoted:
            if piece.strip():
                ours, equals, theirs = piece.partition("=")
                if not equals or not ours.strip() or not theirs.strip():
                    raise ValueError(f"“{piece.strip()}” is not a pair; write --map ours=theirs,ours=theirs")
                if ours.strip() in pairs:
                    raise ValueError(f"“{ours.strip()}” is mapped twice; one column can be read into it")
                pairs[ours.strip()] = theirs.strip()
            piece = ""
        else:
            piece += char
    if quoted:
        raise ValueError(f"a quotation mark ({quoted}) in the map does not close")
    return pairs


def known_kind(kind: str) -> Kind:
    """The kind of this name; raises ValueError with the nearest one and the list."""
    if kind in KINDS:
        return KINDS[kind]
    raise ValueError(f"“{kind}” cannot be imported{_nearest(kind, KINDS)}; the kinds are {', '.join(KINDS)} and tracks")


def match(kind: str | Kind, headers: Sequence[str], given: Mapping[str, str] | None = None) -> Match:
    """Match headers to a kind's fields: what is given first, then by the names each field goes by."""
    known = kind if isinstance(kind, Kind) else known_kind(kind)
    used: dict[str, str] = {}
    unknown: list[str] = []
    keys: dict[str, str] = {}
    for name in headers:
        keys.setdefault(header_key(name), name)
    for name in headers:
        keys.setdefault(header_key(name.partition("(")[0]), name)  # Cost (GBP)
    free = set(headers)
    for ours, theirs in (given or {}).items():
        target = known.field(ours)
        header = theirs if theirs in free else keys.get(header_key(theirs))
        if target is None:
            names = [each.name for each in known.fields]
            unknown.append(f"{known.name} have no field “{ours}”{_nearest(ours, names)}; the fields are {', '.join(names)}")
        elif header is None:
            unknown.append(f"the file has no column “{theirs}”{_nearest(theirs, headers)}")
        elif target.name in used:
            unknown.append(f"“{ours}” and another name in the map both mean {target.name}")
        else:
            used[target.name] = header
            free.discard(header)
    for name, theirs in _by_name(known, keys, free, used).items():
        used[name] = theirs
        free.discard(theirs)
    missing = tuple(_missing(known, group) for group in known.required if not any(name in used for name in group))
    custom = tuple(name for name in headers if name in free)
    ordered = {each.name: used[each.name] for each in known.fields if each.name in used}
    return Match(known.name, ordered, custom, missing, tuple(unknown))


def _by_name(known: Kind, keys: dict[str, str], free: set[str], used: dict[str, str]) -> dict[str, str]:
    """Fields not given, by the names they go by: a header that is our own name first, then the fields in their order."""
    wishes: list[tuple[int, int, int, str, str]] = []
    for place, each in enumerate(known.fields):
        if each.name in used:
            continue
        for rank, name in enumerate((each.name, *each.names)):
            header = keys.get(header_key(name), "")
            if header in free:
                wishes.append((0 if rank == 0 else 1, place, rank, each.name, header))
    found: dict[str, str] = {}
    for _, _, _, name, header in sorted(wishes):
        if name not in found and header not in found.values():
            found[name] = header
    return found


def _missing(known: Kind, group: tuple[str, ...]) -> str:
    names = " or ".join(group)
    first = known.field(group[0])
    such = f" (headers such as {', '.join(first.names[:4])})" if first else ""
    return f"{known.name} need a column for {names}{such}; name it with --map {group[0]}=THEIRS"


def _nearest(word: str, among: Any) -> str:
    lowered = {each.lower(): each for each in among}
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return f"; did you mean “{lowered[close[0]]}”?" if close else ""


class Reading:
    """A file being read as records and rejects, one after the other.

    ``match`` says how headers were matched; ``orders`` the date order of each column with days, ``marks`` the
    decimal mark of each with amounts. When the match does not fit, the one thing it gives is a reject that says why.
    """

    def __init__(
        self, kind: str, sheet: Sheet, given: Mapping[str, str], zone: tzinfo, order: Order, currency: str
    ) -> None:
        self.kind = known_kind(kind)
        self.sheet = sheet
        self.zone = zone
        self.currency = currency
        self.match = match(kind, sheet.headers, given) if sheet.problem is None else Match(kind)
        self.orders: dict[str, DateOrder] = {}
        self.marks: dict[str, Mark] = {}
        if sheet.problem is None and self.match.fits:
            self._sample(order)
        self._items = self._read()

    @property
    def headers(self) -> tuple[str, ...]:
        return self.sheet.headers

    def done(self) -> float:
        """How much of the file has been read, from 0 to 1."""
        return self.sheet.done()

    def __iter__(self) -> Iterator[Record | Reject]:
        return self

    def __next__(self) -> Record | Reject:
        return next(self._items)

    def _columns(self) -> list[tuple[Field, int]]:
        place = {header: index for index, header in enumerate(self.sheet.headers)}
        return [(each, place[self.match.used[each.name]]) for each in self.kind.fields if each.name in self.match.used]

    def _sample(self, default: Order) -> None:
        columns = [(each, index, set[str]()) for each, index in self._columns() if each.reads in _DATED + _COUNTED]
        if not columns:
            return
        for seen, item in enumerate(self.sheet.rows()):
            if seen >= SAMPLED:
                break
            if not isinstance(item, Reject):
                for _, index, texts in columns:
                    texts.add(item[1][index])
        dated = [(each, texts) for each, _, texts in columns if each.reads in _DATED]
        for each, texts in dated:
            self.orders[each.name] = fields.date_order(texts, default)
        certain = [order.order for order in self.orders.values() if not order.ambiguous and order.order != "ymd"]
        for each, texts in dated:
            # A column that leaves it open follows the file's other columns rather than the general default.
            if self.orders[each.name].ambiguous and len(set(certain)) == 1:
                self.orders[each.name] = fields.date_order(texts, certain[0])._replace(ambiguous=False)
        counted = [texts for each, _, texts in columns if each.reads in _COUNTED]
        mark = fields.decimal_mark(text for texts in counted for text in texts)
        for each, _, texts in columns:
            if each.reads in _COUNTED:
                self.marks[each.name] = fields.decimal_mark(texts, mark)

    def _convert(self, each: Field) -> Convert:
        order = self.orders.get(each.name, DateOrder("dmy", True)).order
        mark, zone, currency = self.marks.get(each.name, "."), self.zone, self.currency
        makers: dict[str, Convert] = {
            "day": lambda text: fields.day(text, order, zone),
            "last day": lambda text: _after(fields.day(text, order, zone)),
            "instant": lambda text: fields.instant(text, zone, order),
            "money": lambda text: fields.money(text, currency, mark),
            "quantity": lambda text: fields.quantity(text, mark),
            **_READERS,
        }
        return lru_cache(REMEMBERED)(makers[each.reads])

    def _read(self) -> Iterator[Record | Reject]:
        file, match_ = self.sheet.file, self.match
        if self.sheet.problem is not None:
            yield self.sheet.problem
            return
        if not match_.fits:
            yield Reject(file, self.sheet.header_line, "", "", "; ".join(match_.unknown + match_.missing))
            return
        texts = [(each.name, index) for each, index in self._columns() if each.reads == "text"]
        plan = [(each.name, index, self._convert(each)) for each, index in self._columns() if each.reads != "text"]
        place = {header: index for index, header in enumerate(self.sheet.headers)}
        custom = [(header, place[header]) for header in match_.custom]
        finish = rows.FINISH.get(self.kind.name)
        groups = [[name for name in group if name in match_.used] for group in self.kind.required]
        for item in self.sheet.rows():
            if isinstance(item, Reject):
                yield item
                continue
            line, row = item
            values: dict[str, Any] = {name: text for name, index in texts if (text := row[index]) not in _SAYS_NOTHING}
            wrong: list[tuple[str, str, str]] = []
            for name, index, convert in plan:
                if text := row[index]:
                    try:
                        value = convert(text)
                    except ValueError as error:
                        wrong.append((match_.used[name], text, str(error)))
                    else:
                        if value is not None:
                            values[name] = value
            doubts: list[str] = []
            if not wrong:
                for group in groups:
                    if not any(name in values for name in group):
                        wrong.append((match_.used[group[0]], "", f"the row has no {' or '.join(group)}"))
                        break
            if not wrong:
                try:
                    rows.join_address(values)
                    rows.set_pin(values, doubts)
                    if finish is not None:
                        finish(values, doubts)
                except ValueError as error:
                    wrong.append(("", "", str(error)))
            if wrong:
                header, text, reason = wrong[0]
                more = "".join(f"; also {h}: {why}" for h, _, why in wrong[1:])
                yield RowReject(file, line, header, text, reason + more, tuple(row))
                continue
            extra = {header: text for header, index in custom if (text := row[index])}
            yield Record(line, values, extra, tuple(doubts))


def read(
    kind: str,
    path: Path | str | bytes,
    given: Mapping[str, str] | None = None,
    *,
    zone: tzinfo,
    order: Order = "dmy",
    currency: str = "GBP",
    name: str = "",
) -> Reading:
    """Read a CSV file of one kind as an iterator of Record | Reject.

    ``given`` maps ours -> theirs; ``order`` is how days are read where no cell of the file settles it; amounts
    become minor units of ``currency``. Raises ValueError only for a kind that does not exist.
    """
    known = known_kind(kind)
    keys = {header_key(each) for f in known.fields for each in (f.name, *f.names)}
    keys |= {header_key(theirs) for theirs in (given or {}).values()}
    sheet = open_sheet(path, name=name, recognise=lru_cache(REMEMBERED)(lambda text: header_key(text) in keys))
    return Reading(kind, sheet, given or {}, zone, order, currency)


def help_lines(kind: str) -> list[tuple[str, str]]:
    """Each field of a kind with one line about it, for --help."""
    known = known_kind(kind)
    needed = {name for group in known.required for name in group}
    return [
        (each.name, (each.help or ", ".join(each.names[:4])) + (" (needed)" if each.name in needed else ""))
        for each in known.fields
    ]


def _after(day: date | None) -> date | None:
    """The first day no longer in, of the last day in, since every period of ours is half-open."""
    return day + timedelta(days=1) if day else None


def _currency(text: str) -> str | None:
    signs = {"£": "GBP", "€": "EUR", "$": "USD", "¥": "JPY", "₹": "INR"}
    code = signs.get(text, text.upper())
    if fields.is_empty(text):
        return None
    if len(code) != 3 or not code.isalpha():
        raise ValueError(f"“{text}” is not a currency; write its three letters, such as EUR")
    return code


def _role(text: str) -> str:
    key = header_key(text)
    return "accounts payable" if key in _PAYABLE else text.lower()


def _pin(text: str) -> tuple[int, int] | None:
    if fields.is_empty(text):
        return None
    pieces = [piece for piece in text.strip("()[] ").replace(";", " ").replace(", ", " ").split() if piece]
    pieces = pieces[0].split(",") if len(pieces) == 1 else pieces
    if len(pieces) != 2:
        raise ValueError(f"“{text}” is not a pin; write latitude and longitude like 51.50741, -0.12776")
    return fields.pin(fields.latitude(pieces[0].rstrip(",")), fields.longitude(pieces[1]))


_READERS: dict[str, Convert] = {
    "yes": fields.yes,
    "phone": lambda text: None if fields.is_empty(text) else text,
    "postcode": lambda text: None if fields.is_empty(text) else fields.postcode(text),
    "lat": fields.latitude,
    "lon": fields.longitude,
    "pin": _pin,
    "days": fields.whole,
    "currency": _currency,
    "role": _role,
    "grouping": words.grouping,
    "several": words.several,
    "time": words.day_time,
    "status": words.status,
    "priority": words.priority,
    "job kind": lambda text: None if fields.is_empty(text) else words.job_kind(text),
    "cadence": words.cadence,
    "timing": words.timing,
    "hours": words.hours,
    "minutes": words.minutes,
    "document": words.document,
    "term kind": words.term_kind,
    "rate kind": words.rate_kind,
    "plain": words.plain,
}
