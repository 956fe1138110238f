"""Where the stations of an account stand, by street and map: at one property, or clearly at several.

Neighbours are one property: the same street in the same town, or less than 300 m. A station that says nothing of its
place stands where the rest of its group does.
"""

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from stations.values import Location, StationId

NEAR_M = 300
_METRES_PER_E6 = 0.1113  # a millionth of a degree of latitude
_CELL_E6 = (2_700, 6_000)  # at least 300 m as far north as people charge
_HOUSE_NUMBER = re.compile(r"^\d+\s*[a-z]?\b[\s,]*|[\s,]+\d+\s*[a-z]?(\s*[-/+]\s*\d+\s*[a-z]?)*$")
_SHORT = re.compile(r"str\.?$")


@dataclass(frozen=True)
class Spot:
    """Where one station stands, as far as somebody has said so."""

    station_id: StationId
    name: str
    street: str
    postcode: str
    city: str
    country: str
    location: Location | None

    @property
    def town(self) -> str:
        """The same for the same town; nothing where it is not told."""
        return _plain(f"{self.country} {self.postcode or self.city}") if self.postcode or self.city else ""

    @property
    def road(self) -> str:
        """The same for the same street, whatever the house number and however it is written."""
        street = _HOUSE_NUMBER.sub("", self.street.strip().casefold())
        return _plain(_SHORT.sub("strasse", street.strip()))

    @property
    def address(self) -> str:
        """Street and town on one line."""
        return ", ".join(filter(None, (self.street, f"{self.postcode} {self.city}".strip())))


@dataclass
class Place:
    """Stations that stand together. `key` is the same as long as they do; `name`: what to call an account of them."""

    key: str
    spots: list[Spot] = field(default_factory=list)
    group: str = ""

    @property
    def name(self) -> str:
        """The group that is exactly here, else the street, else a station."""
        first = self.spots[0]
        return self.group or first.street or first.city or first.name

    @property
    def address(self) -> str:
        """Where it is, in words; nothing where only the map says so."""
        return next((spot.address for spot in self.spots if spot.address), "")


class _Map:
    """Places by where they are, in cells no smaller than what is near, so that few are compared."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[Location, Place]]] = defaultdict(list)

    def put(self, place: Place, spots: Iterable[Spot]) -> None:
        """The place is where these stand, too."""
        for spot in spots:
            if spot.location is not None:
                self._cells[cell(spot.location)].append((spot.location, place))

    def near(self, spots: Iterable[Spot]) -> Place | None:
        """A place that is near one of these."""
        for point in (spot.location for spot in spots if spot.location is not None):
            north, east = cell(point)
            around = [(north + up, east + right) for up in (-1, 0, 1) for right in (-1, 0, 1)]
            for known, place in (one for key in around if key in self._cells for one in self._cells[key]):
                if _metres(known, point) <= NEAR_M:
                    return place
        return None


def places_of(spots: Sequence[Spot], groups: Mapping[str, Collection[UUID]] | None = None) -> list[Place]:
    """The places of these stations, the one with most of them first. `groups`: who belongs together, by name."""
    found: dict[str, Place] = {}
    on_map = _Map()
    for place in sorted(_by_street(spots), key=lambda one: one.key):
        _stand(found, on_map, on_map.near(place.spots) or place, place.spots)
    for spot in spots:
        if not (spot.road and spot.town) and spot.location is not None:
            north, east = cell(spot.location)
            _stand(found, on_map, on_map.near([spot]) or Place(f"@{north},{east}"), [spot])
    towns = {spot.town: place for place in reversed(found.values()) for spot in place.spots if spot.town}
    for spot in spots:
        if spot.town and not spot.road and spot.location is None:
            place = towns.setdefault(spot.town, Place(spot.town))
            _stand(found, on_map, place, [spot])
    _follow_groups(list(found.values()), [spot for spot in spots if not spot.town and not spot.location], groups or {})
    return sorted(found.values(), key=lambda place: (-len(place.spots), place.key))


def cell(point: Location) -> tuple[int, int]:
    """Which cell of the map a point is in."""
    return point.latitude_e6 // _CELL_E6[0], point.longitude_e6 // _CELL_E6[1]


def _by_street(spots: Sequence[Spot]) -> list[Place]:
    places: dict[str, Place] = {}
    for spot in spots:
        if spot.road and spot.town:
            key = f"{spot.town} {spot.road}"
            places.setdefault(key, Place(key)).spots.append(spot)
    return list(places.values())


def _stand(found: dict[str, Place], on_map: _Map, place: Place, spots: Sequence[Spot]) -> None:
    """These stand at the place, which may be a new one."""
    if place.spots is not spots:
        place.spots += spots
    found[place.key] = place
    on_map.put(place, spots)


def _follow_groups(places: Sequence[Place], lost: Sequence[Spot], groups: Mapping[str, Collection[UUID]]) -> None:
    for name, members in groups.items():
        here = [place for place in places if any(spot.station_id in members for spot in place.spots)]
        if len(here) != 1:
            continue
        [place] = here
        known = {spot.station_id for one in places for spot in one.spots}
        place.spots += [spot for spot in lost if spot.station_id in members and spot.station_id not in known]
        if all(spot.station_id in members for spot in place.spots):
            place.group = name


def _metres(one: Location, other: Location) -> float:
    narrower = math.cos(math.radians(one.latitude_e6 / 1e6))
    north = one.latitude_e6 - other.latitude_e6
    east = (one.longitude_e6 - other.longitude_e6) * narrower
    return math.hypot(north, east) * _METRES_PER_E6


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
