"""Schedules of saves, bills, exchanges and faults, drawn at random, end in the laws of sync.

``pytest -m long tests/sync/test_simulated.py -n 2`` plays 10,000 of them. ``SCHEDULES=100000 SCHEDULES_SEED=7`` before it plays as
many others as you like; the same seed plays the same ones again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.sync.simulator import ACTIONS, Step, World, long_steps, steps

SCHEDULES = int(os.environ.get("SCHEDULES", "10000"))
SEED = int(os.environ.get("SCHEDULES_SEED", "1"))
#: The long run goes in so many parts, which may run side by side.
PARTS = 20


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def play(world: World, schedule: list[Step]) -> None:
    simulation = world.simulation()
    simulation.play(schedule)
    simulation.finish()
    simulation.rebuilt()


@pytest.mark.fault(32)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(schedule=steps)
def test_any_schedule_of_faults_ends_in_the_laws(world: World, schedule: list[Step]) -> None:
    play(world, schedule)


@pytest.mark.fault(32)
@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_schedules_end_in_the_laws(world: World, part: int) -> None:
    @seed(SEED * PARTS + part)
    @settings(max_examples=SCHEDULES // PARTS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(schedule=long_steps)
    def any_schedule(schedule: list[Step]) -> None:
        play(world, schedule)

    any_schedule()


@pytest.mark.parametrize("what", sorted(set(ACTIONS)))
def test_each_fault_alone_heals(world: World, what: str) -> None:
    simulation = world.simulation()
    for number in range(3):
        simulation.play([Step("edit", site, number, number) for site in range(3)])
        simulation.play([Step("sync", 0, 0, 0), Step("keep", 1, 0, 0), Step("everything", 0, 0, 0), Step("sync", 1, 0, 0)])
        simulation.play([Step(what, 1, 7 * number + 3, 5 * number + 2), Step("fact", 1, number, 1), Step("sync", 1, 0, 0)])
    simulation.finish()
