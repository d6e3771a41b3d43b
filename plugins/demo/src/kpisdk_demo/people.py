"""Who there is in a cell: its HCPs and the patients that they treat, as arrays.

The patients follow a known causal process, so that the causal KPIs have something to find:
severity and an academic HCP raise both engagement and the chance of being treated (confounders),
and engagement raises the chance of being treated by itself (the effect).
"""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_demo.contract import BRANDS, REGIONS
from kpisdk_demo.plan import CELL, Plan

PATIENTS_PER_HCP: Final = 10
FEWEST_HCPS: Final = 12

SPECIALTIES: Final = (
    "Dermatology",
    "Allergy and Immunology",
    "Hematology",
    "Nephrology",
    "Medical Oncology",
    "Gynecologic Oncology",
)
_SPECIALTIES_PER_BRAND: Final = 2

INSURANCES: Final = ("Commercial", "Medicare", "Medicaid")
MEDICAID: Final = 2

_BRAND_SHARES: Final = (0.36, 0.24, 0.40)
_REGION_SHARES: Final = (0.19, 0.22, 0.36, 0.23)
_TIER_SHARES: Final = (0.18, 0.24, 0.26, 0.20, 0.12)
_ATTACHED_SHARE: Final = 0.77
_OLDEST_DIAGNOSIS: Final = 1095
_NEWEST_DIAGNOSIS: Final = 25


@attrs.frozen(eq=False)
class Hcps:
    """The HCPs of a cell, all arrays of one length.

    Attributes:
        number: number over all cells, from 0.
        brand: code of the brand whose patients the HCP treats.
        specialty: code in :data:`SPECIALTIES`.
        region: code of the region.
        tier: 1 (highest) to 5.
        academic: 0 or 1.
        attached: whether the HCP has patients at all.
    """

    number: NDArray[np.int64]
    brand: NDArray[np.int64]
    specialty: NDArray[np.int64]
    region: NDArray[np.int64]
    tier: NDArray[np.int64]
    academic: NDArray[np.int64]
    attached: NDArray[np.bool_]


@attrs.frozen(eq=False)
class Patients:
    """The patients of a cell, all arrays of one length; days are days before the last day.

    Attributes:
        number: number over all cells, from 0.
        hcp: place of the patient's HCP among the cell's.
        brand: code of the brand.
        region: code of the region.
        insurance: code in :data:`INSURANCES`, −1 where unknown.
        diagnosed: age in days of the diagnosis.
        severity: 0 to 10.
        engagement: 0 to 100.
        therapy: age in days of the first prescription, −1 where the patient has none.
        targeted: whether triggers are fired for the patient.
        trait: a latent standard normal that features and risk share.
    """

    number: NDArray[np.int64]
    hcp: NDArray[np.int64]
    brand: NDArray[np.int64]
    region: NDArray[np.int64]
    insurance: NDArray[np.int64]
    diagnosed: NDArray[np.int64]
    severity: NDArray[np.float64]
    engagement: NDArray[np.float64]
    therapy: NDArray[np.int64]
    targeted: NDArray[np.bool_]
    trait: NDArray[np.float64]


@attrs.frozen(eq=False)
class Cell:
    """One cell of the plan: its place, its HCPs and its patients.

    Attributes:
        plan: what is generated.
        place: number of the cell, from 0.
        hcps: its HCPs.
        patients: its patients.
    """

    plan: Plan
    place: int
    hcps: Hcps
    patients: Patients

    def rng(self, stream: str) -> np.random.Generator:
        """The cell's own random generator for a stream."""
        return self.plan.rng(stream, self.place)


def cell(plan: Plan, place: int) -> Cell:
    """The people of one cell, independent of every other cell.

    Args:
        plan: what is generated.
        place: number of the cell, from 0.
    """
    count = plan.size(place)
    rng = plan.rng("people", place)
    hcps = _hcps(rng, max(FEWEST_HCPS, count // PATIENTS_PER_HCP), place)
    return Cell(plan, place, hcps, _patients(rng, count, place, hcps))


def severity_and_engagement(
    rng: np.random.Generator, academic: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Severity (0–10) and engagement (0–100) of patients whose HCPs are academic or not.

    Args:
        rng: what is drawn from.
        academic: 0 or 1 of each patient's HCP, shape (patients,).
    """
    severity = np.clip(5 + 1.8 * rng.standard_normal(academic.size), 0, 10)
    noise = 12 * rng.standard_normal(academic.size)
    engagement = np.clip(50 + 4 * (severity - 5) + 8 * academic + noise, 0, 100)
    return np.round(severity, 2), np.round(engagement, 1)


def _hcps(rng: np.random.Generator, count: int, place: int) -> Hcps:
    # Quotas, not draws: every cell has HCPs of every brand, and as many idle ones as any other.
    position = (np.arange(count) + 0.5) / count
    brand = np.searchsorted(np.cumsum(_BRAND_SHARES)[:-1], position)
    attached = np.ones(count, bool)
    for code in range(len(BRANDS)):
        of_brand = np.flatnonzero(brand == code)
        attached[of_brand[round(_ATTACHED_SHARE * of_brand.size) :]] = False
    return Hcps(
        number=place * (CELL // PATIENTS_PER_HCP) + np.arange(count),
        brand=brand,
        specialty=brand * _SPECIALTIES_PER_BRAND + rng.integers(0, _SPECIALTIES_PER_BRAND, count),
        region=rng.choice(len(REGIONS), count, p=_REGION_SHARES),
        tier=1 + rng.choice(5, count, p=_TIER_SHARES),
        academic=(rng.random(count) < 0.3).astype(np.int64),
        attached=attached,
    )


def _patients(rng: np.random.Generator, count: int, place: int, hcps: Hcps) -> Patients:
    brand = rng.choice(len(BRANDS), count, p=_BRAND_SHARES)
    hcp = np.zeros(count, np.int64)
    for code in range(len(BRANDS)):
        mine = np.flatnonzero(brand == code)
        hcp[mine] = rng.choice(np.flatnonzero(hcps.attached & (hcps.brand == code)), mine.size)
    academic = hcps.academic[hcp]
    severity, engagement = severity_and_engagement(rng, academic)
    diagnosed = rng.integers(_NEWEST_DIAGNOSIS, _OLDEST_DIAGNOSIS, count)
    odds = -0.55 + 0.03 * (engagement - 50) + 0.18 * (severity - 5) + 0.4 * academic
    chosen = rng.random(count) < 1 / (1 + np.exp(-odds))
    delay = np.ceil(52 * np.exp(0.55 * rng.standard_normal(count))).astype(np.int64)
    therapy = np.where(chosen & (diagnosed >= delay), diagnosed - delay, -1)
    insurance = rng.choice(len(INSURANCES), count, p=(0.5, 0.3, 0.2))
    return Patients(
        number=place * CELL + np.arange(count),
        hcp=hcp,
        brand=brand,
        region=hcps.region[hcp],
        insurance=np.where(rng.random(count) < 0.03, -1, insurance),
        diagnosed=diagnosed,
        severity=severity,
        engagement=engagement,
        therapy=therapy,
        # Triggers are aimed at patients who are not treated yet.
        targeted=rng.random(count) < np.where(chosen, 0.26, 0.80),
        trait=rng.standard_normal(count),
    )
