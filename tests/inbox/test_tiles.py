"""Basemaps: what a file holds comes out, and whatever else it holds comes out as a sentence."""

from __future__ import annotations

import contextlib
import gzip
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write

from fsconsole.inbox.tiles import MOST_BYTES, DamagedTileError, decode_tile, open_basemap

ZOOM, X, Y = 14, 8185, 5448


def number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def block(field: int, body: bytes) -> bytes:
    return number(field << 3 | 2) + number(len(body)) + body


def whole(field: int, value: int) -> bytes:
    return number(field << 3) + number(value)


def zigzag(value: int) -> int:
    return value << 1 if value >= 0 else -value * 2 - 1


def drawing(lines: list[list[tuple[int, int]]], close: bool = False) -> bytes:
    out = b""
    x = y = 0
    for line in lines:
        for index, (to_x, to_y) in enumerate(line):
            if index == 0:
                out += number(1 | 1 << 3)
            elif index == 1:
                out += number(2 | len(line) - 1 << 3)
            out += number(zigzag(to_x - x)) + number(zigzag(to_y - y))
            x, y = to_x, to_y
        if close:
            out += number(7 | 1 << 3)
    return out


def layer(name: str, features: list[tuple[int, dict[str, object], bytes]]) -> bytes:
    keys: list[str] = []
    values: list[bytes] = []
    bodies = []
    for kind, tags, geometry in features:
        pairs = b""
        for key, value in tags.items():
            coded = (
                block(1, value.encode())
                if isinstance(value, str)
                else number(3 << 3 | 1) + struct.pack("<d", value)
            )
            keys += [] if key in keys else [key]
            values += [] if coded in values else [coded]
            pairs += number(keys.index(key)) + number(values.index(coded))
        bodies.append(block(2, pairs) + whole(3, kind) + block(4, geometry))
    parts = [whole(15, 2), block(1, name.encode()), *(block(2, body) for body in bodies)]
    parts += [block(3, key.encode()) for key in keys] + [block(4, value) for value in values]
    return block(3, b"".join([*parts, whole(5, 4096)]))


LANES = [[(5, 5), (9, 9)], [(20, 20), (30, 20), (30, 40)]]
LAKE = [
    [(1000, 1000), (2000, 1000), (2000, 2000), (1000, 2000)],
    [(1400, 1400), (1400, 1600), (1600, 1600), (1600, 1400)],
]
TILE = b"".join(
    [
        layer("roads", [
            (2, {"kind": "highway", "name": "M4"}, drawing([[(0, 2048), (4095, 2048)]])),
            (2, {"kind": "minor_road", "name": "Mill\x1b[31m Lane", "width": 3.5}, drawing(LANES)),
            (2, {"kind": "path"}, drawing([[(1, 1), (2, 2)]])),
        ]),
        layer("water", [
            (3, {"kind": "lake"}, drawing(LAKE, close=True)),
            (2, {"kind": "river"}, drawing([[(0, 0), (100, 50)]])),
        ]),
        layer("places", [
            (1, {"kind": "locality", "name": "Slough"}, drawing([[(2048, 2048)]])),
            (1, {"kind": "locality", "name": "Beyond"}, drawing([[(5000, 2048)]])),
        ]),
        layer("buildings", [(3, {"kind": "building"}, drawing(LAKE, close=True))]),
    ]
)  # fmt: skip
HEADER = {
    "tile_type": TileType.MVT, "tile_compression": Compression.GZIP, "min_zoom": ZOOM, "max_zoom": ZOOM,
    "min_lon_e7": -2_000_000, "min_lat_e7": 514_000_000, "max_lon_e7": -1_000_000, "max_lat_e7": 516_000_000,
}  # fmt: skip


def pmtiles(path, tiles=None, **changes):
    with write(str(path)) as writer:
        for (zoom, x, y), data in sorted(
            (tiles or {(ZOOM, X, Y): gzip.compress(TILE)}).items(), key=lambda item: zxy_to_tileid(*item[0])
        ):
            writer.write_tile(zxy_to_tileid(zoom, x, y), data)
        writer.finalize(
            {**HEADER, **changes},
            {"attribution": '<a href="https://osm.org">© OpenStreetMap</a> contributors'},
        )
    return path


def box(inset: float = 0.25):
    side = 1 / (1 << ZOOM)
    return (X + inset) * side, (Y + inset) * side, (X + 1 - inset) * side, (Y + 1 - inset) * side


def test_roads_come_out_with_their_rank_and_name_and_footpaths_do_not():
    roads = decode_tile(TILE, ZOOM, X, Y).roads
    assert [(road.rank, road.name) for road in roads] == [
        (0, "M4"),
        (3, "Mill[31m Lane"),
        (3, "Mill[31m Lane"),
    ]
    assert roads[0].line[0] == pytest.approx((X / 2**14, (Y + 0.5) / 2**14))
    for point, (px, py) in zip(roads[2].line, ((20, 20), (30, 20), (30, 40)), strict=True):
        assert point == pytest.approx(((X + px / 4096) / 2**14, (Y + py / 4096) / 2**14), abs=1e-12)


def test_a_lake_keeps_its_island_and_a_river_is_a_line():
    lake, river = decode_tile(TILE, ZOOM, X, Y).waters
    assert not lake.flowing
    assert [len(ring) for ring in lake.rings] == [5, 5]
    assert lake.rings[0][0] == lake.rings[0][-1]
    assert river.flowing


def test_a_place_is_named_by_the_tile_it_lies_in_and_not_by_its_neighbours_buffer():
    names = decode_tile(TILE, ZOOM, X, Y).names
    assert [(each.rank, each.name) for each in names] == [(2, "Slough")]


@pytest.mark.parametrize(
    ("layer_name", "tag", "what", "rank"),
    [
        ("transportation", "class", "motorway", 0),
        ("streets", "kind", "secondary", 2),
        ("highway", "class", "residential", 3),
    ],
)
def test_the_usual_schemas_are_known(layer_name, tag, what, rank):
    data = layer(layer_name, [(2, {tag: what}, drawing([[(0, 0), (9, 9)]]))])
    assert [road.rank for road in decode_tile(data, 0, 0, 0).roads] == [rank]


def test_a_file_gives_the_ground_of_a_view_and_its_attribution(tmp_path):
    basemap, problem = open_basemap(pmtiles(tmp_path / "town.pmtiles"))
    assert problem == ""
    assert basemap.attribution == "© OpenStreetMap contributors"
    ground = basemap.ground(*box(), ZOOM)
    assert len(ground.roads) == 3
    assert ground.note == ""


def test_a_closer_view_than_the_file_has_uses_the_closest_tiles(tmp_path):
    basemap, _ = open_basemap(pmtiles(tmp_path / "town.pmtiles"))
    assert basemap.ground(*box(0.45), 19).roads


def test_a_view_too_wide_for_the_file_says_zoom_in(tmp_path):
    basemap, _ = open_basemap(pmtiles(tmp_path / "town.pmtiles", min_lon_e7=0, max_lon_e7=0))
    ground = basemap.ground(0, 0, 1, 1, 2)
    assert ground.roads == ()
    assert "zoom in" in ground.note


def test_a_view_elsewhere_says_that_the_file_does_not_reach(tmp_path):
    basemap, _ = open_basemap(pmtiles(tmp_path / "town.pmtiles"))
    assert "does not reach" in basemap.ground(0.1, 0.1, 0.1001, 0.1001, ZOOM).note


def test_tiles_are_decoded_once_and_only_some_are_kept(tmp_path, monkeypatch):
    basemap, _ = open_basemap(pmtiles(tmp_path / "town.pmtiles"))
    monkeypatch.setattr("fsconsole.inbox.tiles.KEPT_TILES", 2)
    first = basemap.tile(ZOOM, X, Y)
    assert basemap.tile(ZOOM, X, Y) is first
    for x in range(5):
        basemap.tile(ZOOM, x, 0)
    assert len(basemap.tiles) == 2


def test_a_missing_file_is_a_sentence(tmp_path):
    basemap, problem = open_basemap(tmp_path / "none.pmtiles")
    assert basemap is None
    assert problem.startswith("There is no basemap at")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 not a map", b"PMTiles", b"\xff" * 400, b"PMTiles\x03" + b"\xff" * 119]
)
def test_a_file_that_is_no_basemap_is_a_sentence(tmp_path, content):
    path = tmp_path / "odd.pmtiles"
    path.write_bytes(content)
    basemap, problem = open_basemap(path)
    assert basemap is None
    assert "odd.pmtiles" in problem


def test_an_older_version_is_told_how_to_be_rewritten(tmp_path):
    path = pmtiles(tmp_path / "town.pmtiles")
    path.write_bytes(b"PMTiles\x02" + path.read_bytes()[8:])
    assert "pmtiles convert" in open_basemap(path)[1]


def test_pictures_and_other_packings_are_refused_in_words(tmp_path):
    assert "png tiles" in open_basemap(pmtiles(tmp_path / "a.pmtiles", tile_type=TileType.PNG))[1]
    assert "brotli" in open_basemap(pmtiles(tmp_path / "b.pmtiles", tile_compression=Compression.BROTLI))[1]


def test_a_damaged_tile_is_left_out_with_a_note_and_the_rest_is_shown(tmp_path):
    good = gzip.compress(TILE)
    tiles = {(ZOOM, X, Y): good, (ZOOM, X + 1, Y): good[: len(good) // 2]}
    basemap, _ = open_basemap(pmtiles(tmp_path / "town.pmtiles", tiles))
    west, north, east, south = box(0.4)
    ground = basemap.ground(west, north, east + 1 / 2**14, south, ZOOM)
    assert len(ground.roads) == 3
    assert f"{ZOOM}/{X + 1}/{Y} is damaged" in ground.note


def test_a_tile_that_would_unpack_without_end_is_left_out(tmp_path):
    tiles = {(ZOOM, X, Y): gzip.compress(bytes(MOST_BYTES + 1))}
    basemap, _ = open_basemap(pmtiles(tmp_path / "town.pmtiles", tiles))
    assert "more than 8 MB" in basemap.tile(ZOOM, X, Y).note


def test_a_tile_cut_in_a_field_is_damaged():
    with pytest.raises(DamagedTileError):
        decode_tile(TILE[:-3], ZOOM, X, Y)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_to_any_byte_of_a_file_is_a_traceback(tmp_path, data):
    path = pmtiles(tmp_path / "town.pmtiles")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    bad = tmp_path / "bad.pmtiles"
    bad.write_bytes(
        content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    )
    basemap, problem = open_basemap(bad)
    assert (basemap is None) == bool(problem)
    if basemap is not None:
        basemap.ground(*box(), ZOOM)


@given(st.binary(max_size=200), st.integers(0, len(TILE)))
@settings(deadline=None)
def test_any_bytes_are_a_tile_or_damage_but_nothing_else(noise, at):
    known = (DamagedTileError, ValueError, IndexError, KeyError, OverflowError, struct.error)
    with contextlib.suppress(*known):
        decode_tile(TILE[:at] + noise, ZOOM, X, Y)
