"""The demo day without a screen: the same for a seed, equal at both sites, and alive."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fsconsole.demo.company import script
from fsconsole.demo.driving import Driver, streets, write_track
from fsconsole.demo.story import cues_of, read_story, tellings
from fsconsole.inbox.tracks import read_track


def run_demo(*more: str) -> str:
    """What an hour of the demo prints, in a process of its own so that no order of hashing is shared."""
    here = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "fsconsole", "demo", "--headless", "--hours", "1", "--json", *more],
        env={**os.environ, "PYTHONPATH": str(here)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def hour() -> str:
    return run_demo("--seed", "7")


@pytest.fixture(scope="module")
def day(hour: str) -> dict[str, Any]:
    return json.loads(hour)  # type: ignore[no-any-return]


def test_the_same_seed_prints_the_same_day(hour: str) -> None:
    assert run_demo("--seed", "7") == hour


def test_both_sites_end_equal_though_they_were_apart(day: dict[str, Any]) -> None:
    assert day["equal"], day["differences"]
    assert {site["code"] for site in day["sites"]} == {"LDN", "LDS"}
    assert len({site["digest"] for site in day["sites"]}) == 1


def test_the_company_is_as_large_as_promised(day: dict[str, Any]) -> None:
    site = day["sites"][0]
    assert (site["technicians"], site["contracts"]) == (14, 39)
    assert site["clients"] >= 40
    assert site["locations"] >= 90
    assert site["assets"] >= 250
    assert site["jobs"] > 400


def test_work_is_under_way_in_every_lane_and_money_is_at_stake(day: dict[str, Any]) -> None:
    site = day["sites"][0]
    waiting = ("logged", "scheduled", "waiting parts", "complete", "parked")
    assert all(site["columns"][column] for column in waiting), site["columns"]
    assert site["columns"]["en route"] + site["columns"]["on site"] > 3
    assert 1_000_000 < site["unbilled"] < 4_000_000
    assert site["at_risk"] > 0
    assert len(site["exceptions"]) >= 24, sorted(site["exceptions"])


def test_people_at_both_sites_are_hardly_ever_refused_and_never_misunderstood(day: dict[str, Any]) -> None:
    for site in day["sites"]:
        assert site["lines"] > 50
        assert len(site["refused"]) < site["lines"] / 10, site["refused"]
        assert site["fixes"] > 200


def test_every_person_of_the_story_types_in_order_of_time() -> None:
    story = read_story(script())
    for site in story.sites:
        cues = cues_of(story, site, 7)
        assert cues == cues_of(story, site, 7)
        assert [cue.at for cue in cues] == sorted(cue.at for cue in cues)
        assert cues != cues_of(story, site, 8)


def test_a_technician_gets_where_they_drive_to_and_the_file_reads_back_as_their_trail(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta
    from random import Random

    base, there = (515_818_000, -310_000), (515_219_000, -166_000)
    start = datetime(2026, 3, 3, 8, tzinfo=UTC)
    driver = Driver("amy", base)
    driver.drive(there, start, start + timedelta(minutes=25), Random(1))
    assert driver.at(start - timedelta(minutes=5)) == base
    assert driver.at(start + timedelta(minutes=25)) == there
    assert driver.at(start + timedelta(minutes=12)) not in (base, there)
    written = write_track(driver, tmp_path, start, start + timedelta(minutes=40), 7)
    written += write_track(driver, tmp_path, start, start + timedelta(minutes=60), 7)
    track = read_track(next(tmp_path.glob("*.csv")), zone=UTC)
    fixes = track.trails["amy"]
    assert len(fixes) == written > 50
    assert track.rejects == []
    assert abs(fixes[-1].lat - there[0]) < 3_000


def test_streets_begin_and_end_where_they_should_and_bend_between() -> None:
    from random import Random

    way = streets((515_000_000, 0), (515_500_000, 800_000), Random(3))
    assert (way[0], way[-1]) == ((515_000_000, 0), (515_500_000, 800_000))
    assert len(way) > 4


def test_both_sites_live_on_in_processes_that_end_with_their_input(tmp_path: Path) -> None:
    import time
    from datetime import timedelta

    from fsconsole.demo import prepare
    from fsconsole.demo.company import Folders
    from fsconsole.demo.live import people
    from fsconsole.store.opening import open_store

    def heard(code: str) -> tuple[int, int]:
        store = open_store(Folders(tmp_path).home(code).store, readonly=True)
        try:
            lines = store.sql("SELECT count(DISTINCT act) FROM log WHERE by_ != 'tracker'")[0][0]
            return lines, store.sql("SELECT max(at) FROM position_now")[0][0]
        finally:
            store.close()

    opens = prepare(tmp_path, 7)
    before = {code: heard(code) for code in ("LDN", "LDS")}
    with people(tmp_path, 7, opens, 240, remove=False):
        until = time.monotonic() + 30
        while time.monotonic() < until:
            time.sleep(0.5)
            now = {code: heard(code) for code in before}
            if all(now[code][0] > before[code][0] + 5 and now[code][1] > before[code][1] for code in before):
                break
    assert all(now[code][0] > before[code][0] + 5 and now[code][1] > before[code][1] for code in before), (before, now)
    assert (tmp_path / "people.log").read_text(encoding="utf-8") == ""
    assert now["LDN"][1] > int((opens + timedelta(minutes=1)).timestamp() * 1000)
    stood = heard("LDN")
    time.sleep(2)
    assert heard("LDN") == stood


def test_whoever_watches_the_demo_is_told_when_it_plays_that_an_office_is_cut_off() -> None:
    story = read_story(script())
    told = tellings(story, "LDN", story.at(story.day, "09:00"), 60)
    assert [at for at, _ in told] == sorted(at for at, _ in told)
    assert told[0][1].startswith("A demo: a minute passes each second")
    for one in story.apart:
        if one.start >= told[0][0]:
            ends = f"{one.until.astimezone(story.zone):%H:%M}"
            assert [words for at, words in told if at == one.start and ends in words], "its end is named"
            assert [words for at, words in told if at == one.until]
    assert all(len(words) < 79 for _, words in told), "they are read whole at 80 columns"
