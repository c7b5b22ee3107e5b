"""OwnTracks Recorder logs (``rec/<user>/<device>/YYYY-MM.rec``), and its JSON one message a line.

It stands apart because each line is three fields and only some of them are positions.

Format (Recorder): instant in UTC, tab, record type padded to 18, tab, JSON; ``*`` is a position. Times come from the
payload's ``tst``; accuracy, altitude and speed are left out by the phone when nought, so nothing is made of their lack.
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from fsconsole.inbox.dates import instant
from fsconsole.inbox.gathered import Gathered, degrees, lines_of, number, since_1970
from fsconsole.inbox.sheets import clean
from fsconsole.values.work import Fix

_SILENT = frozenset(
    ("lwt", "cmd", "steps", "waypoint", "waypoints", "configuration", "card", "status", "beacon", "dump", "request")
)


def read_owntracks(data: bytes, into: Gathered) -> None:
    """Add the positions of a Recorder log; entering and leaving a region are fixes with a note."""
    last = 0 if data.endswith(b"\n") else data.count(b"\n") + 1
    for line, text in lines_of(data):
        stamp, body = "", text
        if not text.startswith("{"):
            pieces = text.split("\t", 2)
            if len(pieces) < 3:
                _not_whole(into, line, last, text, "the line is not “instant, type, JSON” parted by tabs")
                continue
            stamp, body = pieces[0], pieces[2]
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            _not_whole(into, line, last, text, "the payload is not JSON")
            continue
        if not isinstance(message, dict):
            _not_whole(into, line, last, text, "the payload is not a JSON object")
            continue
        _take(into, line, stamp, message)


def _not_whole(into: Gathered, line: int, last: int, text: str, reason: str) -> None:
    into.reject(line, "", text, "the file ends in the middle of this line" if line == last else reason)


def _take(into: Gathered, line: int, stamp: str, message: dict[str, Any]) -> None:
    kind = str(message.get("_type"))
    if kind == "encrypted":
        into.reject(line, "_type", "encrypted", "the payload is encrypted; switch that off in the app or the Recorder")
        return
    if kind not in ("location", "transition"):
        if kind not in _SILENT:
            into.reject(line, "_type", kind, "the message is of an unknown type")
        return
    when = since_1970(message.get("tst"))
    if when is None:
        try:
            when = instant(stamp, UTC)
        except ValueError:
            when = None
    if when is None:
        into.reject(line, "tst", str(message.get("tst", "")), "the position has no time")
        return
    try:
        lat, lon = degrees(message.get("lat"), 90), degrees(message.get("lon"), 180)
    except ValueError as error:
        into.reject(line, "lat, lon", f"{message.get('lat')},{message.get('lon')}", str(error))
        return
    if kind == "transition":
        note = f"{message.get('event', '')} {message.get('desc', '')}"
    else:
        note = message.get("poi") or message.get("tag") or ""
    accuracy, battery = number(message.get("acc"), 1_000_000), number(message.get("batt"), 100)
    into.add(Fix(when, lat, lon, accuracy, clean(str(note)), battery))
