"""Any vehicle tracker's CSV: one row a position, one or many vehicles.

It stands apart because every tracker names its columns as it likes; the map says which is which.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import islice

from fsconsole.inbox import fields
from fsconsole.inbox.fields import Order
from fsconsole.inbox.gathered import Gathered, degrees, number
from fsconsole.inbox.kinds import SAMPLED, match
from fsconsole.inbox.known import TRACKS
from fsconsole.inbox.sheets import Sheet
from fsconsole.values.work import Fix, Reject


def read_tracker(sheet: Sheet, given: Mapping[str, str], into: Gathered, zone: tzinfo, order: Order = "dmy") -> None:
    """Add the positions of a sheet; times without an offset are local to ``zone``.

    Columns are found by name unless ``given`` (ours -> theirs) says otherwise; what does not fit is one reject.
    """
    if sheet.problem is not None:
        into.refuse(sheet.problem)
        return
    matched = match(TRACKS, sheet.headers, given)
    if not matched.fits:
        into.reject(sheet.header_line, "", "", "; ".join(matched.unknown + matched.missing))
        return
    place = {ours: sheet.headers.index(theirs) for ours, theirs in matched.used.items()}
    lat_at, lon_at = place["lat"], place["lon"]
    when_at = [place[name] for name in ("date", "time") if name in place]
    vehicle_at, accuracy_at, battery_at, note_at = (place.get(name) for name in ("vehicle", "accuracy", "battery", "note"))
    samples = [" ".join(item[1][i] for i in when_at) for item in islice(sheet.rows(), SAMPLED) if not isinstance(item, Reject)]
    found = fields.date_order(samples, order)
    if found.ambiguous:
        into.remarks.append(f"{into.file}: no date of the file says whether days or months come first; read as {found.order}")

    @lru_cache(256)
    def instant(text: str) -> datetime | None:
        return fields.instant(text, zone, found.order)

    for item in sheet.rows():
        if isinstance(item, Reject):
            into.refuse(item)
            continue
        line, row = item
        said = " ".join(row[i] for i in when_at)
        try:
            when = instant(said)
        except ValueError as error:
            into.reject(line, matched.used.get("time") or matched.used["date"], said, str(error))
            continue
        if when is None:
            into.reject(line, matched.used.get("time") or matched.used["date"], said, "the row has no time")
            continue
        try:
            lat, lon = _degrees(row[lat_at], 90), _degrees(row[lon_at], 180)
        except ValueError as error:
            into.reject(line, f"{matched.used['lat']}, {matched.used['lon']}", f"{row[lat_at]}, {row[lon_at]}", str(error))
            continue
        fix = Fix(
            when,
            lat,
            lon,
            None if accuracy_at is None else number(row[accuracy_at].rstrip(" m"), 1_000_000),
            "" if note_at is None else row[note_at],
            None if battery_at is None else number(row[battery_at].rstrip(" %"), 100),
        )
        into.add(fix, "" if vehicle_at is None else row[vehicle_at])


def _degrees(text: str, most: int) -> int:
    """Plain decimal degrees by the short way, anything else (decimal comma, degrees and minutes) by the long one."""
    try:
        return degrees(text, most)
    except ValueError:
        value = fields.latitude(text) if most == 90 else fields.longitude(text)
        if value is None:
            raise ValueError("the row has no position") from None
        return value
