"""GPX 1.0 and 1.1, in the dialects phones write.

It stands apart because a phone's file may end anywhere, have a hole in it, or carry accuracy under five names.

Always: no entity is ever expanded; a document that declares a type (DTD) is refused whole.
Format: topografix.com GPX 1.0 and 1.1. Read with expat itself, which knows lines and stops at the first damaged byte;
reading then goes on at the next point. Times without an offset are UTC, as the format says.
"""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime
from xml.parsers import expat

from fsconsole.inbox.dates import instant
from fsconsole.inbox.gathered import Gathered, degrees, number
from fsconsole.inbox.sheets import clean
from fsconsole.values.work import Fix

RESUMED_AT_MOST = 100  # holes in one file
HDOP_METRES = 5  # what one unit of horizontal dilution is worth with an open sky

_POINTS = frozenset(("trkpt", "wpt", "rtept"))
_WANTED = frozenset(("time", "hdop", "accuracy", "hacc", "horizontalaccuracy", "battery", "batterylevel", "name", "cmt", "desc"))
_POINT = re.compile(rb"<(?:\w+:)?(?:trkpt|wpt|rtept)[\s>]")
_RESUME = b"<gpx><trk><trkseg>"
_ENDS = (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN, expat.errors.XML_ERROR_PARTIAL_CHAR)


class _Declared(Exception):
    """The document declares a type."""


def read_gpx(data: bytes, into: Gathered) -> None:
    """Add the points of a GPX file; waypoints with a name are fixes with a note."""
    data = _as_utf8(data)
    reader = _Reader(into)
    start, resumed = 0, 0
    while True:
        prefix = _RESUME if start else b""
        parser = reader.parser(data.count(b"\n", 0, start))
        try:
            parser.Parse(prefix + data[start:], True)
            break
        except _Declared:
            reason = "the file declares a document type (DTD), which is refused; export it again"
            into.reject(parser.CurrentLineNumber, "", "<!DOCTYPE", reason)
            return
        except expat.ExpatError as error:
            at = start + max(0, parser.ErrorByteIndex - len(prefix))
            line = reader.lines_before + error.lineno
            following = _POINT.search(data, max(at, start + 1))
            resumed += 1
            if following is None or resumed > RESUMED_AT_MOST:
                _say_end(into, reader, error, line, bool(start), resumed)
                break
            why = expat.ErrorString(error.code)
            into.reject(line, "", "", f"the file is damaged here ({why}); reading went on at the next point")
            start = following.start()
    if not into.count and not into.rejects:
        into.reject(1, "", "", "the file has no track points")


def _say_end(into: Gathered, reader: _Reader, error: expat.ExpatError, line: int, was_resumed: bool, resumed: int) -> None:
    why = expat.ErrorString(error.code)
    if resumed > RESUMED_AT_MOST:
        into.reject(line, "", "", f"the file has over {RESUMED_AT_MOST} holes; the rest was not read")
    elif why in _ENDS:
        kept = f"the {into.count} whole points before it were kept" if into.count else "no whole point came before it"
        into.reject(line, "", "", f"the file ends in the middle; {kept}")
    elif not was_resumed or reader.point is not None:
        into.reject(line, "", "", f"the file is damaged here ({why}); the {into.count} points before it were kept")


def _as_utf8(data: bytes) -> bytes:
    """The document in UTF-8 whatever it was in, stray bytes read as Windows-1252."""
    encoding = "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data[:2] in (b"<\0", b"\0<"):
        encoding = "utf-16-le" if data[:1] == b"<" else "utf-16-be"
    elif said := re.match(rb"\s*<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w.-]{1,30})", data):
        encoding = said[1].decode("ascii")
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = "utf-8"
    # Python knows codecs that are no alphabets, and slow ones: a file does not choose among those.
    if not name.startswith(("utf-16", "iso8859", "cp125", "koi8")):
        name = "utf-8"
    text = data.decode(name, "fsconsole.bytes" if name == "utf-8" else "replace")
    return text.lstrip("\ufeff \r\t").encode("utf-8", "replace")


class _Reader:
    """Takes expat's events and hands over whole points."""

    def __init__(self, into: Gathered) -> None:
        self.into = into
        self.osmand = False
        self.lines_before = 0
        self.point: dict[str, str] | None = None
        self.line = 0
        self.text: list[str] = []

    def parser(self, lines_before: int) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.text.append
        parser.StartDoctypeDeclHandler = self._doctype
        self.lines_before = lines_before
        self.point = None
        self.current = parser
        return parser

    def _doctype(self, *_: object) -> None:
        raise _Declared

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.text.clear()
        name = name.rpartition(":")[2].lower()
        if name in _POINTS:
            self.point = {"lat": attributes.get("lat", ""), "lon": attributes.get("lon", ""), "is": name}
            self.line = self.lines_before + self.current.CurrentLineNumber
        elif name == "gpx" and attributes.get("creator", "").startswith("OsmAnd"):
            self.osmand = True

    def _end(self, name: str) -> None:
        if self.point is None:
            return
        name = name.rpartition(":")[2].lower()
        if name in _POINTS:
            point, self.point = self.point, None
            self._take(point)
        elif name in _WANTED:
            self.point.setdefault(name, "".join(self.text).strip())

    def _take(self, point: dict[str, str]) -> None:
        into, line = self.into, self.line
        try:
            lat, lon = degrees(point["lat"], 90), degrees(point["lon"], 180)
        except ValueError as error:
            into.reject(line, point["is"], f"{point['lat']},{point['lon']}", str(error))
            return
        when = _time(point.get("time", ""))
        if when is None:
            said = point.get("time", "")
            reason = "the time cannot be read; it is like 2026-03-16T08:12:01Z" if said else "the point has no time"
            into.reject(line, point["is"], said, reason)
            return
        accuracy = number(point.get("accuracy") or point.get("hacc") or point.get("horizontalaccuracy"), 1_000_000)
        if accuracy is None and (hdop := number(_tens(point.get("hdop", "")), 10_000)) is not None:
            # OsmAnd writes the phone's accuracy in metres where the format has the dilution.
            accuracy = round(hdop / 10 * (1 if self.osmand else HDOP_METRES))
        note = point.get("name") or point.get("cmt") or (point.get("desc") if point["is"] == "wpt" else "") or ""
        battery = number(point.get("battery") or point.get("batterylevel"), 100)
        into.add(Fix(when, lat, lon, accuracy, clean(note), battery))


def _tens(text: str) -> str | float:
    try:
        return float(text) * 10
    except ValueError:
        return ""


def _time(text: str) -> datetime | None:
    try:
        return instant(text, UTC)
    except ValueError:
        return None
