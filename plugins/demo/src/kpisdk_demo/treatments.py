"""``treatment_events`` of a cell: what happens after a diagnosis and after a trigger."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_demo import columns as col
from kpisdk_demo.contract import BRANDS
from kpisdk_demo.grouping import ranks
from kpisdk_demo.journeys import diagnoses
from kpisdk_demo.people import Cell
from kpisdk_demo.triggers import Triggers

_TYPES: Final = (
    "diagnosis",
    "prescription",
    "conversion",
    "lab_test",
    "procedure",
    "consultation",
    "hospitalization",
)
_DIAGNOSIS, _PRESCRIPTION, _CONVERSION, _LAB, _PROCEDURE, _CONSULTATION, _STAY = range(7)

_BRANDS: Final = (*BRANDS, "Competitor", None)
_COMPETITOR, _NO_BRAND = 3, 4
_REMIBRUTINIB, _FABHALTA = 0, 1

_CLASSES: Final = (
    "BTK inhibitor",
    "Factor B inhibitor",
    "CDK4/6 inhibitor",
    "Biologic",
    None,
    "antihistamine",
    "H1_blocker",
    "h1-blocker",
)
_NO_CLASS, _ANTIHISTAMINE = 4, 5
_TESTS: Final = ("cbc", "ldh", "ecg", None, "flow_cytometry", "pnh_panel", "gpi_anchor")
_NO_TEST, _PNH_TEST = 3, 4
_RESPONSES: Final = ("controlled", "partial", None, "inadequate", "Uncontrolled", "refractory")
_NO_RESPONSE, _POOR = 2, 3

_REFILL_DAYS: Final = 45
_MOST_REFILLS: Final = 25


@attrs.frozen(eq=False)
class _Events:
    """Events as arrays: place of the patient, age in days, and codes.

    ``promised`` is 1 for an event that a trigger's lead time leads to.
    """

    patient: NDArray[np.int64]
    age: NDArray[np.int64]
    kind: NDArray[np.int64]
    brand: NDArray[np.int64]
    drug: NDArray[np.int64]
    test: NDArray[np.int64]
    response: NDArray[np.int64]
    promised: NDArray[np.int64]


def treatment_events(cell: Cell, fired: Triggers) -> tuple[NDArray[np.bool_], dict[str, Any]]:
    """Which patients have a prescription, and all events of the cell as rows.

    Args:
        cell: the people.
        fired: the triggers of the cell.
    """
    events = _together(
        _diagnosed(cell),
        _prescribed(cell),
        _after_triggers(cell, fired),
        _antihistamines(cell),
        _pnh_tests(cell),
        _background(cell),
    )
    plan, patients, rng = cell.plan, cell.patients, cell.rng("events")
    count = events.patient.size
    rank = ranks(events.patient)
    sequence = _sequence(events)
    # A claim now and then names no patient or no brand: never a first one, which would leave a
    # treated patient without a start, nor one that a trigger's outcome tells of.
    later = (events.kind == _PRESCRIPTION) & (sequence > 1) & (events.promised == 0)
    named = ~(later & (rng.random(count) < 0.01))
    brand = np.where(later & (rng.random(count) < 0.03), _NO_BRAND, events.brand)
    treated = np.zeros(patients.number.size, bool)
    treated[events.patient[events.kind == _PRESCRIPTION]] = True
    return treated, {
        "treatment_event_id": col.keys("E", patients.number[events.patient], rank),
        "patient_id": col.keys("P", patients.number[events.patient], valid=named),
        "hcp_id": col.keys(
            "H", cell.hcps.number[patients.hcp[events.patient]], valid=rng.random(count) > 0.01
        ),
        "event_date": col.days(plan.dates(events.age)),
        "event_type": col.names(events.kind, _TYPES),
        "brand": col.names(brand, _BRANDS),
        "drug_class": col.names(events.drug, _CLASSES),
        "sequence_number": col.values(sequence, named),
        "test_type": col.names(events.test, _TESTS),
        "treatment_response": col.names(events.response, _RESPONSES),
    }


def _events(
    patient: NDArray[np.int64],
    age: NDArray[np.int64],
    kind: NDArray[np.int64] | int,
    *,
    brand: NDArray[np.int64] | int = _NO_BRAND,
    drug: NDArray[np.int64] | int = _NO_CLASS,
    test: NDArray[np.int64] | int = _NO_TEST,
    response: NDArray[np.int64] | int = _NO_RESPONSE,
    promised: int = 0,
) -> _Events:
    """Events of these patients; a code may be one for all of them."""

    def full(codes: NDArray[np.int64] | int) -> NDArray[np.int64]:
        return np.broadcast_to(np.asarray(codes, np.int64), patient.shape)

    return _Events(
        patient=patient,
        age=age,
        kind=full(kind),
        brand=full(brand),
        drug=full(drug),
        test=full(test),
        response=full(response),
        promised=full(promised),
    )


def _together(*parts: _Events) -> _Events:
    """All events, by patient, oldest first; a diagnosis precedes what happens on its day."""
    joined = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in attrs.fields(_Events)
    }
    order = np.lexsort((joined["kind"], -joined["age"], joined["patient"]))
    return _Events(**{name: array[order] for name, array in joined.items()})


def _sequence(events: _Events) -> NDArray[np.int64]:
    """1 for the patient's first event of its type, 2 for the second, and so on."""
    order = np.lexsort((np.arange(events.patient.size), events.kind, events.patient))
    group = events.patient[order] * len(_TYPES) + events.kind[order]
    sequence = np.empty(order.size, np.int64)
    sequence[order] = ranks(group) + 1
    return sequence


def _diagnosed(cell: Cell) -> _Events:
    patients = cell.patients
    return _events(np.arange(patients.number.size), patients.diagnosed, _DIAGNOSIS)


def _prescribed(cell: Cell) -> _Events:
    """A start and its refills, about 45 days apart, until the therapy ends."""
    patients, rng = cell.patients, cell.rng("therapies")
    who = np.flatnonzero(patients.therapy >= 0)
    refill = np.arange(_MOST_REFILLS)
    jitter = rng.integers(-7, 8, (who.size, _MOST_REFILLS)) * (refill > 0)
    since_start = refill * _REFILL_DAYS + jitter
    lasts = rng.exponential(500, who.size)
    age = patients.therapy[who, None] - since_start
    happens = (age >= 0) & (since_start <= lasts[:, None])
    happens[:, 0] = True
    brand = np.where(rng.random(who.size) < 0.85, patients.brand[who], _COMPETITOR)
    row, _ = np.nonzero(happens)
    return _events(who[row], age[happens], _PRESCRIPTION, brand=brand[row], drug=brand[row])


def _after_triggers(cell: Cell, fired: Triggers) -> _Events:
    """The outcome that a trigger's lead time leads to, on its very day."""
    patients, rng = cell.patients, cell.rng("outcomes")
    patient, age = fired.patient[fired.succeeded], fired.outcome_age[fired.succeeded]
    kind = rng.choice([_CONVERSION, _CONSULTATION, _LAB], patient.size, p=(0.34, 0.46, 0.20))
    # Only who is on therapy can be prescribed more of it.
    on_therapy = (patients.therapy[patient] >= age) & (kind == _CONVERSION)
    kind = np.where(on_therapy, _PRESCRIPTION, kind)
    brand = patients.brand[patient]
    drug = np.where(kind == _PRESCRIPTION, brand, _NO_CLASS)
    test = np.where(kind == _LAB, rng.integers(0, _NO_TEST, patient.size), _NO_TEST)
    brand = np.where(kind == _LAB, _NO_BRAND, brand)
    return _events(patient, age, kind, brand=brand, drug=drug, test=test, promised=1)


def _antihistamines(cell: Cell) -> _Events:
    """Urticaria patients' consultations on antihistamines, and how they responded."""
    patients, rng = cell.patients, cell.rng("antihistamines")
    takes = (patients.brand == _REMIBRUTINIB) & (rng.random(patients.number.size) < 0.75)
    visits = np.where(takes, rng.integers(1, 4, patients.number.size), 0)
    fails = rng.random(patients.number.size) < 0.45
    who = np.repeat(np.arange(visits.size), visits)
    age = (patients.diagnosed[who] * rng.random(who.size)).astype(np.int64)
    poor = fails[who] & ((ranks(who) == 0) | (rng.random(who.size) < 0.5))
    response = np.where(
        poor, _POOR + rng.integers(0, 3, who.size), rng.integers(0, _POOR, who.size)
    )
    drug = _ANTIHISTAMINE + rng.integers(0, 3, who.size)
    return _events(who, age, _CONSULTATION, drug=drug, response=response)


def _pnh_tests(cell: Cell) -> _Events:
    """Tests for PNH, of patients who may have it."""
    patients, rng = cell.patients, cell.rng("tests")
    among, diagnosis, eligible = diagnoses(cell)
    anemia = diagnosis == among.index("Aplastic anemia")
    candidate = (patients.brand == _FABHALTA) & (~anemia | eligible)
    who = np.flatnonzero(candidate & (rng.random(patients.number.size) < 0.48))
    age = (patients.diagnosed[who] * rng.random(who.size)).astype(np.int64)
    return _events(who, age, _LAB, test=_PNH_TEST + rng.integers(0, 3, who.size))


def _background(cell: Cell) -> _Events:
    """Care that no trigger asked for."""
    patients, rng = cell.patients, cell.rng("background")
    who = np.repeat(np.arange(patients.number.size), rng.poisson(1.2, patients.number.size))
    age = (np.minimum(patients.diagnosed[who], 730) * rng.random(who.size)).astype(np.int64)
    kind = rng.choice([_LAB, _PROCEDURE, _CONSULTATION, _STAY], who.size, p=(0.35, 0.2, 0.35, 0.1))
    test = np.where(kind == _LAB, rng.integers(0, _NO_TEST, who.size), _NO_TEST)
    return _events(who, age, kind, test=test)
