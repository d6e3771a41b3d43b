"""``reference_universe``: how many patients and HCPs there are to be reached.

Counted over all cells and written last: the universe is larger than what is covered, and its
regions are weighed a little differently.
"""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_demo import columns as col
from kpisdk_demo.contract import BRANDS, REGIONS
from kpisdk_demo.journeys import covered
from kpisdk_demo.people import SPECIALTIES, Cell
from kpisdk_demo.plan import Plan

_PATIENTS_COVERED: Final = 0.78
_HCPS_COVERED: Final = 0.72
_REGION_WEIGHTS: Final = (1.06, 1.05, 0.92, 1.03)
_OUTDATED: Final = 0.7
"""Size of last year's universe, which is no longer in force, relative to this year's."""


@attrs.define(eq=False)
class Universe:
    """Counts over cells.

    Attributes:
        patients: patients by brand and region.
        hcps: covered HCPs of tier 1 and 2 by specialty and region.
    """

    patients: NDArray[np.int64] = attrs.field(
        init=False, factory=lambda: np.zeros((len(BRANDS), len(REGIONS)), np.int64)
    )
    hcps: NDArray[np.int64] = attrs.field(
        init=False, factory=lambda: np.zeros((len(SPECIALTIES), len(REGIONS)), np.int64)
    )

    def add(self, cell: Cell) -> None:
        """Count the people of a cell."""
        np.add.at(self.patients, (cell.patients.brand, cell.patients.region), 1)
        reached = covered(cell) & (cell.hcps.tier <= 2)
        np.add.at(self.hcps, (cell.hcps.specialty[reached], cell.hcps.region[reached]), 1)

    def rows(self, plan: Plan) -> dict[str, Any]:
        """One row per brand and region, and per specialty and region, in force and outdated."""
        weight = np.array(_REGION_WEIGHTS)
        patients = _whole(self.patients * weight / _PATIENTS_COVERED)
        hcps = _whole(self.hcps / _HCPS_COVERED)
        now = np.concatenate([patients.ravel(), hcps.ravel()])
        total = np.concatenate([now, np.rint(now * _OUTDATED).astype(np.int64)])
        brand, region = (axis.ravel() for axis in np.indices(patients.shape))
        specialty, region_too = (axis.ravel() for axis in np.indices(hcps.shape))
        of_patients = np.tile(np.arange(now.size) < patients.size, 2)
        old = np.arange(total.size) >= now.size
        regions = np.tile(np.concatenate([region, region_too]), 2)
        kinds = np.tile(np.concatenate([brand, specialty]), 2)
        return {
            "universe_id": col.keys("W", np.arange(total.size)),
            "universe_type": col.names(np.where(of_patients, 0, 1), ("patient", "hcp")),
            "patient_id": col.same(None, total.size),
            "brand": col.names(np.where(of_patients, kinds, 0), BRANDS, of_patients),
            "region": col.names(regions, REGIONS),
            "specialty": col.names(np.where(of_patients, 0, kinds), SPECIALTIES, ~of_patients),
            "total_count": col.values(total),
            "effective_date": col.days(plan.dates(np.where(old, 730, 365))),
            "expiration_date": col.days(plan.dates(np.full(total.size, 365)), old),
        }


def _whole(sizes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers near ``sizes`` whose sum is near theirs, however small they are."""
    running = np.rint(np.cumsum(sizes)).astype(np.int64)
    return np.diff(running, prepend=0).reshape(sizes.shape)
