"""A basemap from one ``.pmtiles`` file: roads, water and place names as plain lines and points.

It stands apart because a map file is a large, foreign, binary thing that may be damaged in any byte; what
leaves here is plain values, or a sentence that says what is wrong and what to do.

Always: nothing here raises because of what a file holds; only the tiles that are asked for are read.
Formats: PMTiles specification 3 (through the ``pmtiles`` library's reader, loaded on first use) and Mapbox
Vector Tile specification 2.1, decoded here. Known schemas: Protomaps, OpenMapTiles, Shortbread and
OpenStreetMap's own tags.
Points are (x, y) in the world's Web Mercator square: (0, 0) north-west, (1, 1) south-east.
"""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Point = tuple[float, float]
Line = tuple[Point, ...]

#: A tile that unpacks to more than this is not read: the largest in use are about 1 MB.
MOST_BYTES = 8 << 20
#: Tiles kept decoded; a screen shows at most nine.
KEPT_TILES = 48
MOST_TILES_A_VIEW = 16
#: Features of one tile beyond this many are left out; a dense city tile has about 3,000.
MOST_FEATURES = 20_000

_ROAD_LAYERS = {"roads", "road", "transportation", "streets", "highway", "highways"}
_WATER_LAYERS = {"water", "ocean", "waterway", "water_polygons", "water_lines", "waterways"}
_PLACE_LAYERS = {"places", "place", "place_labels", "place_label"}

#: What schemas call a road -> how important it is: 0 motorway, 1 main, 2 through street, 3 street, 4 service.
_RANKS = {
    "motorway": 0, "highway": 0, "trunk": 0, "motorway_link": 1, "trunk_link": 1, "major_road": 1,
    "primary": 1, "primary_link": 2, "secondary": 2, "secondary_link": 3, "medium_road": 2, "tertiary": 3,
    "tertiary_link": 3, "minor_road": 3, "minor": 3, "residential": 3, "unclassified": 3, "street": 3,
    "living_street": 3, "street_limited": 3, "service": 4,
}  # fmt: skip
_PLACE_RANKS = {
    "country": 0, "region": 1, "state": 1, "city": 1, "locality": 2, "town": 2, "macrohood": 3, "suburb": 3,
    "village": 3, "borough": 3, "neighbourhood": 4, "neighborhood": 4, "quarter": 4, "hamlet": 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Road:
    """One road. ``rank``: 0 motorway, 1 main, 2 through street, 3 street, 4 service road."""

    rank: int
    name: str
    line: Line


@dataclass(frozen=True, slots=True)
class Water:
    """A sheet of water (rings by the even-odd rule) or, when ``flowing``, a river's line (one ring, open)."""

    rings: tuple[Line, ...]
    flowing: bool = False


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A name to write. ``rank``: 0 country, 1 city, 2 town, 3 suburb or village, 4 quarter."""

    rank: int
    name: str
    at: Point


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies beneath a view. ``note`` says in words what could not be shown."""

    roads: tuple[Road, ...] = ()
    waters: tuple[Water, ...] = ()
    names: tuple[PlaceName, ...] = ()
    note: str = ""


@dataclass(slots=True)
class Basemap:
    """An opened file; made by :func:`open_basemap`. Keeps the tiles it last decoded.

    ``bounds`` is the box (west, north, east, south) of the file in the world's square when it says one.
    """

    name: str
    read: Callable[[int, int], bytes]
    header: dict[str, Any]
    least_zoom: int
    most_zoom: int
    attribution: str = ""
    bounds: tuple[float, float, float, float] | None = None
    tiles: OrderedDict[tuple[int, int, int], Ground] = field(default_factory=OrderedDict)
    directories: dict[tuple[int, int], list[Any]] = field(default_factory=dict)

    def ground(self, west: float, north: float, east: float, south: float, zoom: int) -> Ground:
        """What lies in a box of the world's square, from tiles of ``zoom`` or the nearest the file has."""
        if self.bounds is not None:
            west, north = max(west, self.bounds[0]), max(north, self.bounds[1])
            east, south = min(east, self.bounds[2]), min(south, self.bounds[3])
        west, north, east, south = max(0.0, west), max(0.0, north), min(1.0, east), min(1.0, south)
        if west > east or north > south:
            return Ground(note=f"{self.name} does not reach this far")
        zoom = max(self.least_zoom, min(self.most_zoom, zoom))
        while True:
            count, last = 1 << zoom, (1 << zoom) - 1
            columns = range(min(last, int(west * count)), min(last, int(east * count)) + 1)
            rows = range(min(last, int(north * count)), min(last, int(south * count)) + 1)
            if len(columns) * len(rows) <= MOST_TILES_A_VIEW:
                break
            if zoom <= self.least_zoom:
                return Ground(note=f"{self.name} starts at a closer view; zoom in with +")
            zoom -= 1
        found = [self.tile(zoom, x, y) for y in rows for x in columns]
        return Ground(
            roads=tuple(road for ground in found for road in ground.roads),
            waters=tuple(water for ground in found for water in ground.waters),
            names=tuple(name for ground in found for name in ground.names),
            note=next((ground.note for ground in found if ground.note), ""),
        )

    def tile(self, zoom: int, x: int, y: int) -> Ground:
        """One tile, decoded once; a damaged one is empty ground with a note."""
        key = zoom, x, y
        if key in self.tiles:
            self.tiles.move_to_end(key)
            return self.tiles[key]
        try:
            data = self._bytes(zoom, x, y)
            ground = decode_tile(_unpacked(data), zoom, x, y) if data else Ground()
        except _DAMAGE as fault:
            note = f"{self.name}: the tile {zoom}/{x}/{y} is damaged ({_words(fault)}) and left out"
            ground = Ground(note=note)
        self.tiles[key] = ground
        if len(self.tiles) > KEPT_TILES:
            self.tiles.popitem(last=False)
        return ground

    def _bytes(self, zoom: int, x: int, y: int) -> bytes:
        from pmtiles.tile import deserialize_directory, find_tile, zxy_to_tileid

        wanted = zxy_to_tileid(zoom, x, y)
        offset, length = self.header["root_offset"], self.header["root_length"]
        for _ in range(4):  # the specification allows a root and up to three levels of leaves
            if (offset, length) not in self.directories:
                if len(self.directories) > 64:
                    self.directories.clear()
                packed = self.read(offset, length)
                # Its own gzip reader has no limit, so the size is proved here first.
                _unpacked(packed)
                self.directories[offset, length] = deserialize_directory(packed)
            entry = find_tile(self.directories[offset, length], wanted)
            if entry is None:
                return b""
            if entry.run_length:
                return self.read(self.header["tile_data_offset"] + entry.offset, entry.length)
            offset, length = self.header["leaf_directory_offset"] + entry.offset, entry.length
        return b""


class DamagedTileError(Exception):
    """Bytes that are not a vector tile; of the public functions only :func:`decode_tile` raises it."""


#: What broken bytes raise on the way through gzip, the directories and the decoder.
_DAMAGE = (
    DamagedTileError, ValueError, EOFError, IndexError, KeyError, OverflowError, OSError, zlib.error,
    struct.error,
)  # fmt: skip


def open_basemap(path: Path | str) -> tuple[Basemap | None, str]:
    """Opens a ``.pmtiles`` file: (basemap, "") or (None, a sentence: what is wrong and what to do)."""
    path = Path(path)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None, f"There is no basemap at {path}. Give a .pmtiles file, or leave the setting empty."
    except OSError as fault:
        return None, f"The basemap {path} cannot be read: {fault.strerror or fault}."
    from pmtiles import reader, tile

    with file:  # the mapping stays open without the file
        try:
            source: Any = reader.MmapSource
            read: Callable[[int, int], bytes] = source(file)
            header: dict[str, Any] = {**tile.deserialize_header(read(0, 127))}
        except (tile.MagicNumberNotFound, UnicodeDecodeError):
            return None, f"{path.name} is not a PMTiles file. A basemap is one .pmtiles file of vector tiles."
        except tile.SpecVersionUnsupported:
            return None, f"{path.name} is an old PMTiles version; rewrite it with `pmtiles convert`."
        except _DAMAGE as fault:
            return None, f"{path.name} is damaged at its start ({_words(fault)}); copy it again."
    if header["tile_type"] is not tile.TileType.MVT:
        kind = header["tile_type"].name.lower()
        return None, f"{path.name} holds {kind} tiles; fsconsole reads vector tiles (MVT)."
    packing = tile.Compression
    packings = {header["internal_compression"], header["tile_compression"]}
    if not packings <= {packing.NONE, packing.GZIP, packing.UNKNOWN}:
        names = " and ".join(sorted(each.name.lower() for each in packings))
        return None, f"{path.name} is packed with {names}; fsconsole reads gzip. Rewrite it with gzip."
    least, most = header["min_zoom"], header["max_zoom"]
    if not 0 <= least <= most <= 24:
        return None, f"{path.name} is damaged: it says its zooms go from {least} to {most}; copy it again."
    basemap = Basemap(
        path.name, read, header, least, most, attribution=_attribution(read, header), bounds=_bounds(header)
    )
    try:
        basemap._bytes(least, 0, 0)
    except _DAMAGE as fault:
        return None, f"{path.name} is damaged: its directory cannot be read ({_words(fault)}); copy it again."
    return basemap, ""


def decode_tile(data: bytes, zoom: int, x: int, y: int) -> Ground:
    """An unpacked vector tile at ``zoom``/``x``/``y`` -> its roads, waters and place names.

    Raises DamagedTileError, or what the broken bytes raise, when it is not a vector tile.
    """
    roads: list[Road] = []
    waters: list[Water] = []
    names: list[PlaceName] = []
    left = MOST_FEATURES
    for number, body in _fields(data):
        if number != 3 or not isinstance(body, bytes):
            continue
        layer = _layer_name(body)
        known = layer in _ROAD_LAYERS or layer in _WATER_LAYERS or layer in _PLACE_LAYERS
        for kind, tags, geometry, extent in _features(body) if known else ():
            left -= 1
            if left < 0:
                break
            scale = 1.0 / (extent << zoom)
            base_x, base_y = x * extent, y * extent
            lines = [
                tuple(((base_x + px) * scale, (base_y + py) * scale) for px, py in line)
                for line in _lines(geometry)
            ]
            what = str(tags.get("kind") or tags.get("class") or tags.get("highway") or tags.get("type") or "")
            if layer in _ROAD_LAYERS and kind == 2:
                if what in _RANKS:
                    name = _clean(tags.get("name"))
                    roads += [Road(_RANKS[what], name, line) for line in lines if len(line) > 1]
            elif layer in _WATER_LAYERS and kind in (2, 3):
                if kind == 3:
                    waters.append(Water(tuple(lines)))
                else:
                    waters += [Water((line,), flowing=line[0] != line[-1]) for line in lines if len(line) > 1]
            elif layer in _PLACE_LAYERS and kind == 1:
                detail = str(tags.get("kind_detail") or what)
                rank = _PLACE_RANKS.get(detail, _PLACE_RANKS.get(what))
                name = _clean(tags.get("name:en") or tags.get("name"))
                if rank is not None and name:
                    # A tile's buffer repeats its neighbour's points; each is written by the tile it lies in.
                    names += [
                        PlaceName(rank, name, line[0])
                        for line in lines
                        if int(line[0][0] * (1 << zoom)) == x and int(line[0][1] * (1 << zoom)) == y
                    ]
    return Ground(tuple(roads), tuple(waters), tuple(names))


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The (number, value) pairs of one protocol buffers message; fixed-width values stay bytes."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if wire == 2:
            length, at = _varint(data, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise DamagedTileError(f"a field of unknown wire type {wire}")
        if at + length > end:
            raise DamagedTileError("it ends in the middle of a field")
        yield key >> 3, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise DamagedTileError("it ends in the middle of a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise DamagedTileError("a number longer than 64 bits")


def _varints(data: bytes) -> list[int]:
    values: list[int] = []
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            values.append(value)
            value = shift = 0
        else:
            shift += 7
            if shift > 63:
                raise DamagedTileError("a number longer than 64 bits")
    if shift:
        raise DamagedTileError("it ends in the middle of a number")
    return values


def _layer_name(body: bytes) -> str:
    return next((_text(value) for number, value in _fields(body) if number == 1), "")


def _features(body: bytes) -> Iterator[tuple[int, dict[str, Any], list[int], int]]:
    """(geometry type, tags, geometry commands, extent) of every feature of a layer."""
    keys: list[str] = []
    values: list[Any] = []
    features: list[bytes] = []
    extent = 4096
    for number, value in _fields(body):
        if number == 2 and isinstance(value, bytes):
            features.append(value)
        elif number == 3:
            keys.append(_text(value))
        elif number == 4 and isinstance(value, bytes):
            values.append(_tag_value(value))
        elif number == 5 and isinstance(value, int):
            extent = value
    if not 0 < extent <= 1 << 20:
        raise DamagedTileError(f"an extent of {extent}")
    for feature in features:
        kind = 0
        tags: dict[str, Any] = {}
        geometry: list[int] = []
        for number, value in _fields(feature):
            if number == 2 and isinstance(value, bytes):
                pairs = _varints(value)
                tags = {keys[key]: values[index] for key, index in zip(pairs[::2], pairs[1::2], strict=True)}
            elif number == 3 and isinstance(value, int):
                kind = value
            elif number == 4 and isinstance(value, bytes):
                geometry = _varints(value)
        yield kind, tags, geometry, extent


def _lines(commands: list[int]) -> list[list[tuple[int, int]]]:
    """Geometry commands -> lines of tile points; a ring is closed by repeating its first point (MVT 4.3)."""
    lines: list[list[tuple[int, int]]] = []
    line: list[tuple[int, int]] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            if line:
                line.append(line[0])
            continue
        if command not in (1, 2):
            raise DamagedTileError(f"an unknown drawing command {command}")
        if at + 2 * count > len(commands):
            raise DamagedTileError("a line shorter than it says")
        for index in range(at, at + 2 * count, 2):
            across, down = commands[index], commands[index + 1]
            x += (across >> 1) ^ -(across & 1)
            y += (down >> 1) ^ -(down & 1)
            if command == 1:
                line = []
                lines.append(line)
            line.append((x, y))
        at += 2 * count
    return [line for line in lines if line]


def _tag_value(data: bytes) -> Any:
    for number, value in _fields(data):
        if number == 1:
            return _text(value)
        if isinstance(value, bytes):
            return struct.unpack("<f" if len(value) == 4 else "<d", value)[0]
        return (value >> 1) ^ -(value & 1) if number == 6 else value
    return None


def _text(value: int | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _clean(name: object) -> str:
    """A name without control characters, and not longer than anyone would write on a map."""
    text = "".join(mark for mark in str(name or "") if unicodedata.category(mark)[0] != "C")
    return " ".join(text.split())[:60]


def _unpacked(data: bytes) -> bytes:
    if data[:2] != b"\x1f\x8b":
        return data
    unpacker = zlib.decompressobj(wbits=31)
    plain = unpacker.decompress(data, MOST_BYTES)
    if unpacker.unconsumed_tail:
        raise DamagedTileError(f"it unpacks to more than {MOST_BYTES >> 20} MB")
    if not unpacker.eof:
        raise DamagedTileError("it is cut short")
    return plain


def _attribution(read: Callable[[int, int], bytes], header: dict[str, Any]) -> str:
    import json

    try:
        data = json.loads(_unpacked(read(header["metadata_offset"], header["metadata_length"])))
        words = str(data.get("attribution", "")) if isinstance(data, dict) else ""
    except (*_DAMAGE, RecursionError):
        return ""
    # Attributions come as HTML; what a person reads is what stands between the tags.
    plain = " ".join(part.partition(">")[2] if index else part for index, part in enumerate(words.split("<")))
    return _clean(plain)


def _bounds(header: dict[str, Any]) -> tuple[float, float, float, float] | None:
    """The header's box in the world's square; None when it names none (some writers leave zeros)."""
    from math import asinh, pi, radians, tan

    sides = ("min_lon", "min_lat", "max_lon", "max_lat")
    west, south, east, north = (header[f"{side}_e7"] / 1e7 for side in sides)
    if not (west < east and south < north):
        return None
    top, bottom = (0.5 - asinh(tan(radians(max(-85.0, min(85.0, lat))))) / (2 * pi) for lat in (north, south))
    return west / 360 + 0.5, top, east / 360 + 0.5, bottom


def _words(fault: BaseException) -> str:
    return str(fault) or type(fault).__name__
