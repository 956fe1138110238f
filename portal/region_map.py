"""The map of the directory: a tile for each canton, about where it lies. Drawn by us, so no map server is asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from partners.values import Region

TILE, GAP = 44, 4
# column and row
_PLACES: dict[Region, tuple[int, int]] = {
    Region.CH_BS: (2, 0),
    Region.CH_SH: (4, 0),
    Region.CH_TG: (5, 0),
    Region.CH_JU: (1, 1),
    Region.CH_BL: (2, 1),
    Region.CH_AG: (3, 1),
    Region.CH_ZH: (4, 1),
    Region.CH_SG: (5, 1),
    Region.CH_AR: (6, 1),
    Region.CH_NE: (1, 2),
    Region.CH_SO: (2, 2),
    Region.CH_LU: (3, 2),
    Region.CH_ZG: (4, 2),
    Region.CH_SZ: (5, 2),
    Region.CH_AI: (6, 2),
    Region.CH_VD: (0, 3),
    Region.CH_FR: (1, 3),
    Region.CH_BE: (2, 3),
    Region.CH_OW: (3, 3),
    Region.CH_NW: (4, 3),
    Region.CH_UR: (5, 3),
    Region.CH_GL: (6, 3),
    Region.CH_GE: (0, 4),
    Region.CH_VS: (2, 4),
    Region.CH_TI: (4, 4),
    Region.CH_GR: (6, 4),
    Region.FR: (0, 1),
    Region.DE: (3, 0),
    Region.AT: (7, 1),
    Region.LI: (7, 2),
    Region.IT: (3, 4),
}
WIDTH, HEIGHT = 8 * TILE - GAP, 5 * TILE - GAP


@dataclass(frozen=True)
class Tile:
    """A region at its place, how many partners work there, and how strong its colour is (0 to 3)."""

    region: Region
    x: int
    y: int
    count: int

    @property
    def strength(self) -> int:
        """None, one, a few, many."""
        return 0 if self.count == 0 else 1 if self.count == 1 else 2 if self.count < 5 else 3


def tiles(counts: Mapping[Region, int]) -> list[Tile]:
    """Every region, row by row."""
    placed = sorted(_PLACES.items(), key=lambda item: item[1][::-1])
    return [Tile(region, x * TILE, y * TILE, counts.get(region, 0)) for region, (x, y) in placed]
