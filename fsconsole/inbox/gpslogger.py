"""GPSLogger's CSV, the best of that app's formats for us: accuracy, battery and what the technician noted.

It stands apart because its columns are known, so that it needs no map, and its device is the profile's name.

Format: ``time,lat,lon,elevation,accuracy,...,battery,annotation,timestamp_ms,...,profile_name,...``; delimiter and decimal
comma are the user's choice, and older versions have fewer columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from fsconsole.inbox.gathered import Gathered
from fsconsole.inbox.known import header_key
from fsconsole.inbox.sheets import Sheet
from fsconsole.inbox.tracker import read_tracker

_COLUMNS = {"time": "time", "lat": "lat", "lon": "lon", "accuracy": "accuracy", "battery": "battery", "note": "annotation"}


def is_gpslogger(headers: Sequence[str]) -> bool:
    """Whether the headers are GPSLogger's: its first three, and at least two that are its own."""
    keys = set(map(header_key, headers))
    own = {"ageofdgpsdata", "dgpsid", "geoidheight", "annotation", "profilename", "timestampms", "starttimestampms", "provider"}
    return {"time", "lat", "lon"} <= keys and len(own & keys) >= 2


def read_gpslogger(sheet: Sheet, into: Gathered) -> None:
    """Add the positions of a GPSLogger CSV; its times are UTC, its device the profile unless the file's name says."""
    there = {header_key(header): header for header in sheet.headers}
    given = {ours: there[theirs] for ours, theirs in _COLUMNS.items() if theirs in there}
    profile = there.get("profilename")
    if profile and not into.device:
        given["vehicle"] = profile
    read_tracker(sheet, given, into, UTC, "ymd")
