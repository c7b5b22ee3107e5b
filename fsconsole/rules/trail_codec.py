"""A trail as few bytes: columns of differences as variable-length integers, deflated.

It stands apart because fixes are kept as one sealed piece per technician and day, not as rows, and the bytes must
be the same at every site.

Format: one version byte (1), then zlib over: the count; then a column each of time (ms since 1970 UTC; differences of
differences), latitude and longitude (differences), accuracy and battery (0 for none, else one more than the value), note
(byte length, UTF-8). Integers are LEB128; those that may be negative are zigzag-coded first, as in Protocol Buffers.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from fsconsole.values.work import Fix

VERSION = 1
LARGEST = 64 << 20  # bytes a trail may unpack to: over a million fixes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def encode_fixes(fixes: Iterable[Fix]) -> bytes:
    """The bytes of a trail, in the order given; times are kept to the millisecond."""
    rows = list(fixes)
    out = bytearray()
    _put(out, len(rows))
    last = step = 0
    for fix in rows:
        ms = (fix.at - _EPOCH) // _MS
        _put(out, _zigzag(ms - last - step))
        step, last = ms - last, ms
    for column in ([fix.lat for fix in rows], [fix.lon for fix in rows]):
        last = 0
        for value in column:
            _put(out, _zigzag(value - last))
            last = value
    for fix in rows:
        _put(out, 0 if fix.accuracy is None else max(0, fix.accuracy) + 1)
    for fix in rows:
        _put(out, 0 if fix.battery is None else max(0, fix.battery) + 1)
    for fix in rows:
        note = fix.note.encode("utf-8", "replace")
        _put(out, len(note))
        out += note
    return bytes([VERSION]) + zlib.compress(bytes(out), 9)


def decode_fixes(data: bytes) -> list[Fix]:
    """The fixes of :func:`encode_fixes`; raises ValueError when the bytes are damaged or of a later version."""
    if data[:1] != bytes([VERSION]):
        raise ValueError("the trail is of a version this program does not know, or is damaged")
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(data[1:], LARGEST)
    except zlib.error as error:
        raise ValueError(f"the trail is damaged: {error}") from None
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("the trail is damaged: it does not end where it should")
    try:
        return _fixes(body)
    except (IndexError, OverflowError, UnicodeDecodeError):
        raise ValueError("the trail is damaged: its columns do not add up") from None


def _fixes(body: bytes) -> list[Fix]:
    at = 0

    def take() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = body[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise OverflowError

    count = take()
    if count > len(body):
        raise IndexError
    times, last, step = [], 0, 0
    for _ in range(count):
        step += _unzigzag(take())
        last += step
        times.append(_EPOCH + last * _MS)
    lats, lons = _column(take, count), _column(take, count)
    accuracies = [take() - 1 for _ in range(count)]
    batteries = [take() - 1 for _ in range(count)]
    notes = []
    for _ in range(count):
        length = take()
        if at + length > len(body):
            raise IndexError
        notes.append(body[at : at + length].decode())
        at += length
    if at != len(body):
        raise IndexError
    return [
        Fix(when, lat, lon, None if accuracy < 0 else accuracy, note, None if battery < 0 else battery)
        for when, lat, lon, accuracy, battery, note in zip(times, lats, lons, accuracies, batteries, notes, strict=True)
    ]


def _column(take: Callable[[], int], count: int) -> list[int]:
    values, last = [], 0
    for _ in range(count):
        last += _unzigzag(take())
        values.append(last)
    return values


def _put(out: bytearray, value: int) -> None:
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else ((-value) << 1) - 1


def _unzigzag(value: int) -> int:
    return value >> 1 if not value & 1 else -((value + 1) >> 1)
