"""NMEA 0183 logs of boxes in vans: the RMC sentences.

It stands apart because a sentence carries its own checksum and its own idea of the century.

Format: ``$xxRMC,hhmmss.ss,A|V,ddmm.mm,N|S,dddmm.mm,E|W,knots,course,ddmmyy,magvar,E|W[,mode][,status]*XOR``. Only valid (A)
sentences that are autonomous or differential are positions. The GPS week counter has ten bits: an old box that shows
a date 1024 weeks early is put right, with a remark.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor

from fsconsole.inbox.gathered import Gathered, lines_of
from fsconsole.values.work import Fix

ROLLED_BEFORE = datetime(2010, 1, 1, tzinfo=UTC)  # no trail of ours is older; a box that shows less has rolled over
ROLLOVER = timedelta(weeks=1024)

_RMC = re.compile(r"\$(..RMC,[^*$]*)(?:\*([0-9A-Fa-f]{2}))?")
_ANGLE = re.compile(r"(\d{1,3})(\d{2}(?:\.\d{1,9})?)")


def read_nmea(data: bytes, into: Gathered) -> None:
    """Add the positions of a log; sentences without a position (V) are passed over in silence."""
    rolled = 0
    for line, text in lines_of(data):
        place = text.find("RMC,")
        if place < 0:
            continue
        found = _RMC.search(text, max(0, place - 3))
        if found is None:
            into.reject(line, "", text, "the sentence has no beginning ($xxRMC)")
            continue
        if found[2] is None:
            into.reject(line, "", text, "the sentence has no checksum: the line is torn")
            continue
        checksum = reduce(xor, found[1].encode("utf-8", "replace"), 0)
        if checksum != int(found[2], 16):
            into.reject(line, "checksum", found[2], f"the checksum is {checksum:02X}: the line is damaged")
            continue
        cells = found[1].split(",")
        if len(cells) < 10 or cells[2] != "A" or (len(cells) > 12 and cells[12] not in ("A", "D", "F", "P", "R", "")):
            continue
        when, lat, lon = _when(cells[9], cells[1]), _angle(cells[3], cells[4], "NS", 90), _angle(cells[5], cells[6], "EW", 180)
        if when is None:
            into.reject(line, "time", f"{cells[9]} {cells[1]}", "there is no such date and time (ddmmyy hhmmss)")
        elif lat is None or lon is None:
            into.reject(line, "position", ",".join(cells[3:7]), "there is no such position (ddmm.mm,N,dddmm.mm,E)")
        else:
            if when < ROLLED_BEFORE:
                rolled += 1
                when += ROLLOVER
            into.add(Fix(when, lat, lon))
    if rolled:
        why = "the box's week counter has rolled over"
        into.remarks.append(f"{into.file}: {rolled} dates were 1024 weeks early ({why}) and were put right")


def _when(day: str, clock: str) -> datetime | None:
    if not re.fullmatch(r"\d{6}", day, re.ASCII) or not re.fullmatch(r"\d{6}(?:\.\d{1,6})?", clock, re.ASCII):
        return None
    year = int(day[4:])
    whole, _, part = clock.partition(".")
    try:
        return datetime(
            year + (2000 if year < 80 else 1900), int(day[2:4]), int(day[:2]),
            int(whole[:2]), int(whole[2:4]), int(whole[4:]), int(part.ljust(6, "0")), UTC,
        )  # fmt: skip
    except ValueError:
        return None


def _angle(text: str, side: str, sides: str, most: int) -> int | None:
    found = _ANGLE.fullmatch(text)
    if found is None or side not in tuple(sides) or float(found[2]) >= 60:
        return None
    value = int(found[1]) + float(found[2]) / 60
    if value > most:
        return None
    return round(value * 10_000_000) * (1 if side == sides[0] else -1)
