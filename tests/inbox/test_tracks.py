"""Tracks: what phones and vans write, told apart by content, whole or torn."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.inbox.tracks import device_of, passed_over, read_track, sniff

LONDON = ZoneInfo("Europe/London")
AWKWARD = Path(__file__).parents[2] / "fixtures" / "awkward"


def track(name: str, given: dict[str, str] | None = None):
    return read_track(AWKWARD / name, given=given, zone=LONDON)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, 16, hour, minute, second, tzinfo=UTC)


def test_gpsloggers_gpx_10_has_its_waypoint_as_a_note_on_the_fix_of_that_moment():
    found = track("gpslogger-10.gpx")
    assert (found.form, len(found.fixes), found.rejects) == ("gpx", 12, [])
    assert found.fixes[0].at == at(8, 0, 7)
    assert (found.fixes[0].lat, found.fixes[0].lon) == (515_074_000, -1_278_000)
    assert found.fixes[0].accuracy == 4
    assert [fix.note for fix in found.fixes if fix.note] == ["on site 1042 – key at reception"]
    assert found.fixes[2].note


def test_osmands_dilution_is_read_as_the_metres_it_is():
    found = track("2026-03-16_09-10_Mon.gpx")
    assert [fix.accuracy for fix in found.fixes] == [4, 4, 12, 48, 4, 4]


def test_stravas_gpx_has_neither_accuracy_nor_notes():
    found = track("Morning_Ride.gpx")
    assert found.device == "Morning_Ride"
    assert {(fix.accuracy, fix.note) for fix in found.fixes} == {(None, "")}
    assert found.fixes[-1].at == at(7, 45, 45)


def test_a_torn_end_keeps_the_whole_points_before_it_and_says_so_once():
    found = track("amy-20260316.gpx")
    assert (found.device, len(found.fixes)) == ("amy", 11)
    (reject,) = found.rejects
    assert reject.reason == "the file ends in the middle; the 11 whole points before it were kept"
    assert reject.line == 12


def test_a_hole_in_the_middle_costs_its_own_point():
    found = track("hole.gpx")
    assert [fix.at.minute for fix in found.fixes] == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert ["went on at the next point" in reject.reason for reject in found.rejects] == [True]


def test_a_document_type_is_refused_and_no_entity_is_expanded():
    found = track("bomb.gpx")
    assert found.fixes == []
    assert "document type" in found.rejects[0].reason


def test_gpx_in_utf_16_and_with_an_offset():
    (fix,) = track("utf16.gpx").fixes
    assert (fix.at, fix.note) == (at(7), "Schlüssel beim Pförtner")


@pytest.mark.parametrize("name", ["accuracy", "x:hacc", "gpxtpx:accuracy"])
def test_accuracy_under_any_of_its_names(name):
    point = f'<trkpt lat="1" lon="2"><time>2026-03-16T08:00:00Z</time><extensions><{name}>7.6</{name}></extensions></trkpt>'
    (fix,) = read_track(f"<gpx><trk><trkseg>{point}</trkseg></trk></gpx>".encode(), zone=LONDON).fixes
    assert fix.accuracy == 8


def test_points_without_a_time_or_beyond_the_globe_are_rejects_with_their_line():
    text = (
        '<gpx version="1.1">\n<rte><rtept lat="1" lon="2"/></rte>\n<trk><trkseg>\n'
        '<trkpt lat="91" lon="2"><time>2026-03-16T08:00:00Z</time></trkpt>\n'
        '<trkpt lat="nan" lon="2"><time>2026-03-16T08:00:00Z</time></trkpt>\n'
        '<trkpt lat="1" lon="2"><time>yesterday</time></trkpt>\n'
        '<trkpt lat="1" lon="2"><time>2026-03-16T08:01:00Z</time></trkpt>\n</trkseg></trk></gpx>'
    )
    found = read_track(text.encode(), zone=LONDON)
    assert [fix.at for fix in found.fixes] == [at(8, 1)]
    assert [reject.line for reject in found.rejects] == [2, 4, 5, 6]


def test_a_recorders_log_is_of_the_user_and_device_in_its_path():
    found = track("rec/amy/phone/2026-03.rec")
    assert (found.form, found.device) == ("owntracks", "amy/phone")
    assert [fix.at.minute for fix in found.fixes] == [0, 1, 2, 3, 4, 6, 7]
    assert (found.fixes[0].accuracy, found.fixes[0].battery) == (14, 88)
    assert found.fixes[5].note == "enter Unit 3"
    assert found.fixes[6].accuracy is None
    assert [(reject.line, reject.reason.split(";")[0]) for reject in found.rejects] == [
        (8, "the payload is encrypted"),
        (10, "the file ends in the middle of this line"),
    ]


def test_gpsloggers_csv_has_accuracy_battery_and_annotation():
    found = track("ben-20260316.csv")
    assert (found.form, found.device, found.rejects) == ("gpslogger", "ben", [])
    assert [fix.accuracy for fix in found.fixes] == [4, 12, 140, 4, 12, 140]
    assert found.fixes[2].note == "no answer, left card"
    assert found.fixes[5].battery == 66
    assert found.fixes[0].at == at(10)


def test_gpsloggers_csv_with_decimal_commas_and_a_dated_name_is_of_its_profile():
    found = track("20260316.csv")
    assert (found.form, found.device, len(found.fixes)) == ("gpslogger", "ben", 6)
    assert (found.fixes[1].lat, found.fixes[1].lon) == (515_110_000, -910_000)


def test_nmea_keeps_valid_sentences_with_a_right_checksum():
    found = track("van7.nmea")
    assert (found.form, found.device) == ("nmea", "van7")
    assert [fix.at.second for fix in found.fixes] == [0, 10, 20, 30, 40, 20]
    assert (found.fixes[0].lat, found.fixes[0].lon) == (515_074_000, -1_278_000)
    assert ["checksum" in reject.reason for reject in found.rejects] == [True, True]


def test_a_box_whose_weeks_have_rolled_over_is_put_right_with_a_remark():
    found = track("van-old.nmea")
    assert found.fixes[0].at == at(8, 12)
    assert "1024 weeks" in found.remarks[0]


def test_a_fleets_export_is_one_trail_for_each_vehicle_in_local_time():
    found = track("fleet-export.csv")
    assert found.form == "tracker"
    assert {vehicle: len(fixes) for vehicle, fixes in found.trails.items()} == {"LN24 ABC": 8, "YK23 XYZ": 8}
    assert found.device == ""
    assert [reject.line for reject in found.rejects] == [20, 21]
    summer = b"Reg,Time,Lat,Lon\nA,15/07/2026 09:00,51.5,-0.1\n"
    assert read_track(summer, zone=LONDON).fixes[0].at == datetime(2026, 7, 15, 8, tzinfo=UTC)


def test_a_trackers_own_headers_are_read_by_map():
    data = b"wann,breite,laenge,wer\n2026-03-16 08:00,51.5,-0.1,van 1\n"
    found = read_track(data, given={"time": "wann", "lat": "breite", "lon": "laenge", "vehicle": "wer"}, zone=UTC)
    assert (found.device, found.fixes[0].at) == ("van 1", at(8))
    (reject,) = read_track(data, zone=UTC).rejects
    assert "--map" in reject.reason


def test_one_device_has_one_fix_an_instant_and_fixes_come_in_order():
    data = b"time,lat,lon,accuracy,note\n2026-03-16T08:01:00Z,1,2,,b\n2026-03-16T08:00:00Z,1,2,,\n2026-03-16T08:01:00Z,1,2,9,c\n"
    found = read_track(data, zone=UTC)
    assert [fix.at.minute for fix in found.fixes] == [0, 1]
    assert (found.fixes[1].note, found.fixes[1].accuracy) == ("b; c", 9)


@pytest.mark.parametrize(
    ("path", "device"),
    [("amy-20260316.csv", "amy"), ("in/amy_2026-03-16.gpx", "amy"), ("amy/20260316.gpx", "amy"),
     ("amy/2026-03-16_09-10_Mon.gpx", "amy"),
     ("ben-20260316.sync-conflict-20260317-081500-ABCDEFG.csv", "ben"), ("amy (1).gpx", "amy"), ("amy 2026-03.csv", "amy"),
     ("amy (conflicted copy 2026-03-16 101010).gpx", "amy"), ("rec/amy/phone/2026-03.rec", "amy/phone"), ("van7.nmea", "van7"),
     ("LN24 ABC.csv", "LN24 ABC"), ("tracks/20260316.gpx", ""), ("amy.gpx.zip", "amy")],
)  # fmt: skip
def test_whose_file_it_is_follows_from_its_path(path, device):
    assert device_of(path) == device


@pytest.mark.parametrize(
    ("name", "left"),
    [("amy.csv", False), (".amy.csv.swp", True), ("amy.csv.part", True), ("~syncthing~amy.csv.tmp", True),
     (".syncthing.amy.csv.tmp", True), ("amy.sync-conflict-20260317-081500-ABCDEFG.csv", True),
     ("amy (conflicted copy 2026-03-16 101010).csv", True), ("part-time.csv", False)],
)  # fmt: skip
def test_half_written_files_and_conflict_copies_are_left_alone(name, left):
    assert bool(passed_over(name)) is left


def test_formats_are_told_by_content_not_by_name():
    assert sniff(b"\xef\xbb\xbf<?xml version='1.0'?>\n<gpx") == "gpx"
    assert sniff(b"$GPGGA,1\n$GPRMC,2") == "nmea"
    assert sniff(b'{"_type":"location"}') == "owntracks"
    assert sniff(b"time,lat,lon\n") == "csv"
    assert "KML" in sniff(b"<?xml version='1.0'?><kml>")


@pytest.mark.parametrize("data", [b"", b"   \n", b"PK\x03\x04", b"<html><body>404", b"hello", b"<?xml version='1.0'?><a/>"])
def test_what_is_no_trail_is_one_reject(data):
    found = read_track(data, zone=UTC)
    assert (found.fixes, len(found.rejects)) == ([], 1)


def test_a_missing_file_is_a_reject(tmp_path):
    assert "cannot be read" in read_track(tmp_path / "none.gpx", zone=UTC).rejects[0].reason


def test_a_file_of_rejects_is_counted_beyond_the_first_few_hundred():
    found = read_track(b"2026-03-16T08:00:00Z\t*\t{}\n" + b"2026-03-16T08:00:00Z\t*\tx\n" * 2_000, zone=UTC)
    assert len(found.rejects) == 501
    assert str(found.rejects[-1]).endswith("and 1,501 more like these")


@pytest.mark.parametrize("path", sorted(p for p in (AWKWARD.parent / "tracks").rglob("*") if p.is_file()), ids=lambda p: p.name)
def test_the_made_up_companys_trails_come_in(path):
    found = read_track(path, zone=LONDON)
    assert found.device
    assert len(found.fixes) > 50


def gpx(count: int) -> bytes:
    points = "".join(
        f'<trkpt lat="51.{i:03}" lon="-0.1"><time>{(at(8) + timedelta(minutes=i)):%Y-%m-%dT%H:%M:%SZ}</time></trkpt>\n'
        for i in range(count)
    )
    return f'<gpx version="1.1"><trk><trkseg>\n{points}</trkseg></trk></gpx>\n'.encode()


def rec(count: int) -> bytes:
    line = '{when:%Y-%m-%dT%H:%M:%SZ}\t*                 \t{{"_type":"location","lat":51.5,"lon":-0.1,"tst":{tst}}}\n'
    whens = [at(8) + timedelta(minutes=i) for i in range(count)]
    return "".join(line.format(when=when, tst=int(when.timestamp())) for when in whens).encode()


def nmea(count: int) -> bytes:
    bodies = [f"GPRMC,08{i:02}00,A,5130.0000,N,00006.0000,W,1.0,2.0,160326,,,A" for i in range(count)]
    return "".join(f"${body}*{reduce(xor, body.encode()):02X}\r\n" for body in bodies).encode()


def table(count: int) -> bytes:
    return b"Reg,Time,Lat,Lon\n" + b"".join(b"A,2026-03-16 08:%02d,51.5,-0.1\n" % i for i in range(count))


#: Each writer with how a whole fix ends in its format.
WRITERS = {gpx: b"</trkpt>\n", rec: b"}\n", nmea: b"\r\n", table: b"-0.1\n"}
JUNK = st.binary(max_size=60).filter(lambda junk: b"\n" not in junk and b"\r" not in junk)


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_cut_at_any_byte_gives_the_whole_fixes_before_the_cut(write):
    data = write(6)
    whole = read_track(data, zone=UTC).fixes
    assert len(whole) == 6
    for cut in range(len(data)):
        found = read_track(data[:cut], zone=UTC)
        assert found.fixes[:-1] == whole[: max(0, len(found.fixes) - 1)]
        assert len(found.fixes) >= data[:cut].count(WRITERS[write])


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(list(WRITERS)), st.integers(1, 5), JUNK)
def test_a_damaged_line_in_a_trail_costs_no_fix_on_the_lines_around_it(write, place, junk):
    lines = write(12).split(b"\n")
    damaged = b"\n".join([*lines[: place + 4], junk, *lines[place + 4 :]])
    found = read_track(damaged, zone=UTC)
    minutes = {fix.at.minute for fix in found.fixes}
    known = 12 if write is not gpx else 11
    assert len(minutes & set(range(12))) >= known, (found.rejects, minutes)


STARTS = [b"", b"<gpx><trk><trkseg>", b"2026-03-16T08:00:00Z\t*\t", b"$GPRMC,", b"time,lat,lon\n", b"\xff\xfe<\0g\0p\0x\0>\0"]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_any_bytes_are_fixes_or_rejects_never_a_traceback(start, data):
    found = read_track(start + data, zone=UTC)
    assert all(-900_000_000 <= fix.lat <= 900_000_000 for fix in found.fixes)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["_type", "lat", "lon", "tst", "acc", "batt", "event", "desc", "poi"]), JSON))
def test_any_payload_of_a_recorder_is_a_fix_or_a_reject(message):
    line = "2026-03-16T08:00:00Z\t*\t" + json.dumps({"_type": "location", **message}) + "\n"
    found = read_track(line.encode("utf-8", "surrogatepass"), zone=UTC)
    assert len(found.fixes) + len(found.rejects) <= 1
