"""How long a drive takes, without a road network.

Great-circle distance x 1.35 (roads are not straight), at a speed that grows with the distance: streets, then main
roads, then motorways. The factor is the middle of the 1.3-1.4 commonly used for road networks in towns.
"""

from __future__ import annotations

from fsconsole.values.geo import distance_m

DETOUR = 1.35


def minutes_between(lat1: int, lon1: int, lat2: int, lon2: int) -> int:
    """Whole minutes to drive: 24 km/h for the first 5 km, 40 for the next 15, 75 beyond, and 2 minutes to park."""
    road = distance_m((lat1, lon1), (lat2, lon2)) * DETOUR / 1000
    near, middle, far = min(road, 5), min(max(road - 5, 0), 15), max(road - 20, 0)
    return 2 + round(60 * (near / 24 + middle / 40 + far / 75))
