"""That safe means shown: guardrails that are truly worse, and units of several rows."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pandas as pd
import pytest

from kpisdk import (
    Column,
    Dataset,
    Guardrail,
    Interval,
    Kpi,
    Ratio,
    Settings,
    UnitMoments,
    Verdict,
    Workspace,
    count,
    hookimpl,
)
from kpisdk.contracts.results import Report, Result
from kpisdk.guardrails import ComparedSide, Guard
from kpisdk.guardrails.contrasts import contrast
from kpisdk.guardrails.pairs import pairs_of
from kpisdk.statistics import Segment, decomposed

VISITS = Dataset(
    "visits",
    (
        Column("cohort", "text"),
        Column("run", "text"),
        Column("land", "text"),
        Column("bought", "bool"),
        Column("complained", "bool"),
    ),
)


def a_share(kpi_id: str, column: str, **facts) -> Kpi:
    return Kpi(
        id=kpi_id,
        name=kpi_id,
        workstream="shop",
        definition="A share of visits.",
        formula="x / n",
        unit="ratio",
        calculation=Ratio(count(VISITS, VISITS[column].is_true()), count(VISITS)),
        **facts,
    )


KPIS = (
    a_share("SH-1", "bought", guardrails=(Guardrail("SH-2", margin=0.2),)),
    a_share("SH-2", "complained", direction="lower"),
)


class Shop:
    """Purchases under the eyes of complaints, a fifth more of which are tolerated."""

    name = "shop"
    __version__ = "1"

    @hookimpl
    def kpisdk_kpis(self) -> Iterable[Kpi]:
        return KPIS


def verdicts(before: float, after: float, runs: int, rows: int) -> list[Verdict]:
    """The verdict of each run; purchases rise from a fifth to two, complaints as given."""
    draw = random.Random(11)
    made = [
        (cohort, run, draw.random() < bought, draw.random() < complained)
        for run in range(runs)
        for cohort, bought, complained in (("c1", 0.2, before), ("c2", 0.4, after))
        for _ in range(rows)
    ]
    frame = pd.DataFrame(made, columns=["cohort", "run", "bought", "complained"])
    frame = frame.assign(run=frame["run"].astype(str), land="TG")
    with Workspace(
        {"visits": frame}, settings=Settings(), plugins=[Shop()], cache="memory"
    ) as workspace:
        return [
            workspace.guardrails("SH-1", by="cohort", where={"run": str(run)}).contrasts[0].verdict
            for run in range(runs)
        ]


def test_a_guardrail_that_is_truly_worse_is_not_called_safe():
    """Complaints of 0.3 become 0.42, 40 % more, where a fifth is tolerated.

    At most 1 run in 40 may call that safe. With 400 visits a side the change is 0.12 with a
    standard error of 0.034, and 0.06 is tolerated: safe needs it to look as small as
    0.06 - 2 * 0.034 and less, which is 3.8 standard errors away.
    """
    found = verdicts(0.3, 0.42, runs=40, rows=400)

    assert found.count(Verdict.SAFE) == 0
    assert found.count(Verdict.HARMFUL) > 30


def test_a_guardrail_that_is_truly_unharmed_can_be_shown_to_be():
    """The same complaints of 0.5 among 4,000 visits are known to 4.4 %: well inside a fifth."""
    assert verdicts(0.5, 0.5, runs=3, rows=4000) == [Verdict.SAFE] * 3


def a_result(kpi_id: str, hits: float, rows: float, unit: str, **slices) -> Result:
    share = hits / rows
    interval = Interval(share - 0.01, share + 0.01, 0.95, "wilson", unit)
    facts = {"numerator": hits, "denominator": rows, "n": int(rows), "slice": slices}
    return Result(
        kpi_id=kpi_id, name=kpi_id, workstream="shop", unit="ratio", value=share,
        interval=interval, **facts,
    )  # fmt: skip


BY_PERSON = {
    "c1": {"A": {"ann": (1, 5), "ben": (1, 5)}, "B": {"cem": (4, 4), "ann": (3, 4)}},
    "c2": {"A": {"ann": (0, 2), "dan": (0, 1)}, "B": {"ben": (4, 6), "cem": (5, 6)}},
}
"""Purchases and visits by cohort, land and person; some persons are in both cohorts or lands."""


def a_side(cohort: str, unit: str = "person") -> ComparedSide:
    """A cohort's whole and lands, for both KPIs alike."""
    counted = {
        land: tuple(map(sum, zip(*persons.values(), strict=True)))
        for land, persons in BY_PERSON[cohort].items()
    }
    hits, rows = map(sum, zip(*counted.values(), strict=True))
    ids = [kpi.id for kpi in KPIS]
    return ComparedSide(
        cohort,
        {"where": {"cohort": [cohort]}},
        {kpi_id: a_result(kpi_id, hits, rows, unit) for kpi_id in ids},
        {
            "land": {
                (kpi_id, land): a_result(kpi_id, *counts, unit, land=land)
                for kpi_id in ids
                for land, counts in counted.items()
            }
        },
    )


def by_person(*kpi_ids: str, by: tuple[str, ...], where, **_arguments) -> Report:
    """What a source would say of each person in each land."""
    (cohort,) = where["cohort"]
    assert by == ("land", "person")
    return Report(
        tuple(
            a_result(kpi_id, *counts, "row", land=land, person=person)
            for kpi_id in kpi_ids
            for land, persons in BY_PERSON[cohort].items()
            for person, counts in persons.items()
        )
    )


def test_persons_of_several_visits_are_the_units_of_mix_and_segments():
    """Both parts have the intervals of four persons, whose counts on both sides belong together."""
    pairs = pairs_of(("SH-1",), {kpi.id: kpi for kpi in KPIS})
    guard = Guard(by_person, pairs, {})

    found = contrast(guard, pairs[0], "cohort", (a_side("c1"), a_side("c2"))).reversals

    persons = [
        {
            f"{what} {cohort} {land}": BY_PERSON[cohort][land].get(person, (0, 0))[place]
            for cohort in BY_PERSON
            for land in ("A", "B")
            for place, what in enumerate(("hits", "rows"))
        }
        for person in ("ann", "ben", "cem", "dan")
    ]
    expected = decomposed(
        UnitMoments.of(persons),
        [
            Segment(f"hits c2 {land}", f"rows c2 {land}", f"hits c1 {land}", f"rows c1 {land}")
            for land in ("A", "B")
        ],
    )
    # 9 of 18 become 9 of 15, and fall from 0.2 to 0 in A and from 0.875 to 0.75 in B
    assert found[0].worse == ("A", "B")
    assert found[0].parts.change == pytest.approx(9 / 15 - 9 / 18)
    assert found[0].parts.mix == pytest.approx(expected.mix)
    for ours, theirs in (
        (found[0].parts.mix_interval, expected.mix_interval),
        (found[0].parts.within_interval, expected.within_interval),
    ):
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize(
    ("units", "why"),
    [
        (("person", "person"), "its counts by person cannot be had (no such column)"),
        (("person", "row"), "its units differ between the two sides"),
    ],
)
def test_a_reversal_without_its_parts_is_a_warning(units, why):
    """Where the counts of persons cannot be had, or each side has units of its own."""
    pairs = pairs_of(("SH-1",), {kpi.id: kpi for kpi in KPIS})

    def refused(*kpi_ids: str, **_arguments) -> Report:
        return Report(
            tuple(
                Result(kpi_id=each, name=each, workstream="shop", unit="ratio",
                       message="no such column")
                for each in kpi_ids
            )
        )  # fmt: skip

    guard = Guard(refused, pairs, {})
    sides = (a_side("c1", units[0]), a_side("c2", units[1]))

    assert contrast(guard, pairs[0], "cohort", sides).reversals == ()
    assert [note.code for note in guard.notes] == ["mix_unknown"]
    assert why in guard.notes[0].message
