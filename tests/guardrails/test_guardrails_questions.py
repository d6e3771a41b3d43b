"""``Workspace.guardrails`` and ``kpisdk guardrails``: groups, windows, segments, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import attrs
import pandas as pd
import pytest

from kpisdk import (
    Column,
    Dataset,
    Direction,
    FollowUp,
    Guardrail,
    Kpi,
    Median,
    Ratio,
    Settings,
    Trailing,
    UnknownNameError,
    Verdict,
    Workspace,
    count,
    count_distinct,
    hookimpl,
)
from kpisdk.cli import main
from kpisdk.cli.installation import Installation
from kpisdk.errors import UsageError
from kpisdk.guardrails import NoGuardrailsError

VISITS = Dataset(
    "visits",
    (
        Column("at", "timestamp"),
        Column("cohort", "text"),
        Column("land", "text"),
        Column("bought", "bool"),
        Column("complained", "bool"),
        Column("waited", "float"),
    ),
    time="at",
)
START = datetime(2026, 1, 1)
VISITORS = Dataset(
    "visits",
    (
        Column("at", "timestamp"),
        Column("who", "text"),
        Column("land", "text"),
        Column("bought", "bool"),
    ),
    time="at",
)


def a_kpi(kpi_id: str, calculation, **facts) -> Kpi:
    record = {
        "id": kpi_id,
        "name": kpi_id,
        "workstream": "shop",
        "definition": "A share of visits.",
        "formula": "x / n",
        "unit": "ratio",
        "window": Trailing(400),
        "calculation": calculation,
    }
    return Kpi(**{**record, **facts})


def a_share(column: str) -> Ratio:
    return Ratio(count(VISITS, VISITS[column].is_true()), count(VISITS))


class Shop:
    """A principal with two guardrails: complaints, and a wait."""

    name = "shop"
    __version__ = "1"

    def __init__(self, guardrails: Sequence[Guardrail] = (), **facts) -> None:
        watching = guardrails or (Guardrail("SH-2", segments=("land",)), Guardrail("SH-3"))
        self.kpis = (
            a_kpi("SH-1", a_share("bought"), guardrails=watching, **facts),
            a_kpi("SH-2", a_share("complained"), direction="lower"),
            a_kpi("SH-3", Median(VISITS, VISITS["waited"]), unit="hours", direction="lower"),
        )

    @hookimpl
    def kpisdk_kpis(self) -> Iterable[Kpi]:
        return self.kpis


def visits(*groups) -> pd.DataFrame:
    """Groups of (cohort, land, visits, bought, complained, hours waited), a day apart."""
    rows = []
    for day, (cohort, land, n, bought, complained, waited) in enumerate(groups):
        rows += [
            {
                "at": START + timedelta(days=day, seconds=each),
                "cohort": cohort,
                "land": land,
                "bought": each < bought,
                "complained": each < complained,
                "waited": waited + each / 100,
            }
            for each in range(n)
        ]
    return pd.DataFrame(rows)


def a_workspace(frame: pd.DataFrame, shop: Shop | None = None) -> Workspace:
    return Workspace(
        {"visits": frame},
        settings=Settings(),
        plugins=[shop or Shop()],
        cache="off",
        clock=lambda: datetime(2026, 2, 1, tzinfo=UTC),
    )


def verdicts(report) -> list[tuple[str, str, str, Verdict]]:
    return [
        (each.baseline, each.current, each.pair.guardrail.id, each.verdict)
        for each in report.contrasts
    ]


GROWING = visits(
    ("2026-W9", "TG", 100, 20, 10, 1.0),
    ("2026-W10", "TG", 100, 60, 60, 1.0),
    ("2026-W11", "TG", 100, 95, 20, 5.0),
)


def test_cohorts_are_compared_with_the_one_before():
    """Complaints rise in week 10, the wait in week 11.

    The median wait of 1.495 hours is known to 0.105 (the 40th and the 61st of 100 values), that of
    no change therefore to 0.148 hours: about as much as the tenth that is tolerated, and more.
    """
    report = a_workspace(GROWING).guardrails("SH-1", by="cohort")

    assert verdicts(report) == [
        ("2026-W9", "2026-W10", "SH-2", Verdict.HARMFUL),
        ("2026-W9", "2026-W10", "SH-3", Verdict.HARM_NOT_RULED_OUT),
        ("2026-W10", "2026-W11", "SH-2", Verdict.SAFE),
        ("2026-W10", "2026-W11", "SH-3", Verdict.HARMFUL),
    ]
    assert [each.opposed for each in report.contrasts[:2]] == [True, False]


def test_groups_without_an_order_are_compared_with_the_rest():
    """All others together are requested from the source: counts and medians."""
    frame = visits(
        (None, "TG", 100, 80, 10, 1.0), ("x", "BJ", 100, 20, 10, 3.0), ("x", "GH", 100, 20, 10, 5.0)
    )
    report = a_workspace(frame).guardrails("SH-1", by="land", segments=())

    togo = [each for each in report.contrasts if each.current == "TG"]
    assert [each.baseline for each in togo] == ["the rest"] * 2
    assert (
        togo[0].principal.baseline.numerator,
        togo[0].principal.baseline.denominator,
    ) == (40.0, 200.0)
    waits = sorted(
        [3 + each / 100 for each in range(100)] + [5 + each / 100 for each in range(100)]
    )
    assert pytest.approx((waits[99] + waits[100]) / 2) == togo[1].guardrail.baseline.value
    # a tenth of 100 against a tenth of 200 is known to no tenth of itself; the wait is halved
    assert [each.verdict for each in togo] == [Verdict.HARM_NOT_RULED_OUT, Verdict.SAFE]


def test_the_rest_is_asked_for_where_people_are_in_several_groups():
    """100 people visited both TG and BJ: without TG there are 140 of them, 90 of whom bought."""

    class People(Shop):
        def __init__(self):
            who, bought = VISITORS["who"], VISITORS["bought"].is_true()
            share = Ratio(count_distinct(VISITORS, who, bought), count_distinct(VISITORS, who))
            self.kpis = (
                a_kpi("SH-1", share, guardrails=(Guardrail("SH-2"),)),
                a_kpi("SH-2", share, direction="lower"),
            )

    both = [(who, land, who < 50) for who in range(100) for land in ("TG", "BJ")]
    rows = [*both, *((who, "GH", True) for who in range(100, 140))]
    frame = pd.DataFrame(rows, columns=["who", "land", "bought"]).astype({"who": str})
    frame["at"] = START

    report = a_workspace(frame, People()).guardrails("SH-1", by="land", against="rest")

    (without_tg,) = [each for each in report.contrasts if each.current == "TG"]
    assert without_tg.principal.baseline.value == pytest.approx(90 / 140)
    assert without_tg.principal.baseline.n == 140


@pytest.mark.parametrize("cut", [{"grain": "month"}, {"compare": "previous"}])
def test_groups_are_not_compared_by_period(cut):
    """One bucket of many would stand for all."""
    with pytest.raises(UsageError, match="takes no"):
        a_workspace(GROWING).guardrails("SH-1", by="cohort", **cut)


def test_against_and_order_may_be_given():
    """A column is compared as asked, whatever its names look like."""
    workspace = a_workspace(GROWING)

    rest = workspace.guardrails("SH-1", by="cohort", against="rest", segments=())
    backwards = workspace.guardrails("SH-1", by="cohort", order=["2026-W11", "2026-W9"])
    previous = a_workspace(
        GROWING.assign(
            cohort=GROWING["cohort"].map({"2026-W9": "b", "2026-W10": "a", "2026-W11": None})
        )
    ).guardrails("SH-1", by="cohort", against="previous")

    assert {"the rest"} == {each.baseline for each in rest.contrasts}
    assert {("2026-W11", "2026-W9")} == {
        (each.baseline, each.current) for each in backwards.contrasts
    }
    assert {("a", "b")} == {(each.baseline, each.current) for each in previous.contrasts}
    assert {"group_without_value", "order_of_names"} == {note.code for note in previous.notes}
    assert "in the order of the alphabet: a and b." in " ".join(
        note.message for note in previous.notes
    )


MIXED = visits(
    ("c1", "A", 90, 18, 9, 1.0),
    ("c1", "B", 10, 9, 1, 1.0),
    ("c2", "A", 10, 1, 1, 1.0),
    ("c2", "B", 90, 75, 9, 1.0),
)


def test_a_gain_by_mix_alone_is_split_and_its_segments_are_named():
    """From 27 to 76 of 100, and worse in both lands: 0.2 to 0.1 in A, 0.9 to 0.8333 in B.

    A's share of the visits falls from 0.9 to 0.1, B's rises by as much. By Kitagawa the mix moved
    the whole by -0.8 * 0.15 + 0.8 * 0.86667 = 0.57333, and the lands by half of -0.16667.
    """
    report = a_workspace(MIXED).guardrails("SH-1", by="cohort")

    (found,) = report.contrasts[0].reversals
    assert (found.kpi_id, found.column, found.worse) == ("SH-1", "land", ("A", "B"))
    assert (found.parts.mix, found.parts.within) == pytest.approx((0.573333, -0.083333), abs=1e-6)
    assert found.parts.mix_interval.low < 0.573333 < found.parts.mix_interval.high
    assert found.parts.within_interval.low < -0.083333 < found.parts.within_interval.high
    assert found.is_mix_changed
    assert not found.is_better_within
    assert found.message.endswith("; the mix changed.")


def test_a_gain_by_mix_alone_is_not_safe():
    """Complaints fall from 60 to 10 of 100, which would do; the gain is the mix."""
    complaining = visits(
        ("c1", "A", 90, 18, 54, 1.0),
        ("c1", "B", 10, 9, 6, 1.0),
        ("c2", "A", 10, 1, 1, 1.0),
        ("c2", "B", 90, 75, 9, 1.0),
    )
    workspace = a_workspace(complaining, Shop([Guardrail("SH-2", segments=("land",))]))

    (segmented,) = workspace.guardrails("SH-1", by="cohort").contrasts
    (whole,) = workspace.guardrails("SH-1", by="cohort", segments=()).contrasts

    assert whole.verdict is Verdict.SAFE
    assert segmented.verdict is Verdict.HARM_NOT_RULED_OUT
    assert segmented.why == "most segments got worse while the whole improved"


def test_a_mix_that_moved_by_chance_is_not_said_to_have_changed():
    """Twelve visits a side, from 5 to 6 of them, and worse in both lands.

    The share of A falls from 7 to 4 of 12, a difference with a standard error of 0.197; the mix is
    0.7 of that, 0.176 with a standard error of 0.14.
    """
    few = visits(
        ("c1", "A", 7, 1, 0, 1.0),
        ("c1", "B", 5, 4, 0, 1.0),
        ("c2", "A", 4, 0, 0, 1.0),
        ("c2", "B", 8, 6, 0, 1.0),
    )

    report = a_workspace(few).guardrails("SH-1", by="cohort")

    (found,) = report.contrasts[0].reversals
    assert found.worse == ("A", "B")
    assert not found.is_mix_changed
    assert found.message.endswith("; whether the mix changed is open.")


def test_a_median_that_turns_has_no_mix_and_that_is_said():
    """The wait falls on the whole and rises in both lands; a median is no quotient of counts."""
    frame = visits(
        ("c1", "A", 90, 0, 0, 8.0),
        ("c1", "B", 10, 0, 0, 1.0),
        ("c2", "A", 10, 0, 0, 9.0),
        ("c2", "B", 90, 0, 0, 2.0),
    )

    report = a_workspace(frame).guardrails("SH-1", by="cohort")

    assert report.contrasts[1].reversals == ()
    (said,) = [note.message for note in report.notes if note.code == "mix_unknown"]
    assert said == (
        "SH-3 improves and gets worse in 2 of its segments by land; how much of that is their mix "
        "cannot be told, because its value is no quotient of counts."
    )


def test_two_windows_are_compared_and_segmented():
    """The later window against the baseline, and the same mix found in it."""
    report = a_workspace(MIXED).guardrails(
        "SH-1",
        baseline="2026-01-01..2026-01-02",
        window="2026-01-03..2026-01-04",
        as_of="2026-02-01",
    )

    assert (
        report.contrasts[0].baseline,
        report.contrasts[0].current,
    ) == ("2026-01-01..2026-01-02", "2026-01-03..2026-01-04")
    assert report.contrasts[0].reversals[0].worse == ("A", "B")
    assert report.notes == ()


def test_a_guardrail_whose_column_is_missing_leaves_the_other_comparisons_alone():
    """Why it has no value is said of it, and not that it has no window."""
    report = a_workspace(MIXED.drop(columns="waited")).guardrails(
        "SH-1",
        baseline="2026-01-01..2026-01-02",
        window="2026-01-03..2026-01-04",
        as_of="2026-02-01",
    )

    known, missing = report.contrasts
    assert known.guardrail.value is not None
    assert missing.guardrail.value is None
    assert "column 'waited' of table 'visits' does not exist" in missing.guardrail.why


@pytest.mark.parametrize(
    ("window", "baseline", "as_of", "why"),
    [
        ("2026-01-03..2026-01-04", "2026-01-01..2026-01-02", "2026-01-04T12:00Z", "still running"),
        ("mtd", "2025-12-31", "2026-01-03", "shorter than this window"),
    ],
)
def test_windows_that_are_no_like_stretches_are_not_compared(window, baseline, as_of, why):
    """A day that is still running, and two days of a month to date against one day."""
    early = MIXED.assign(at=MIXED["at"] - timedelta(days=1))
    frame = early if baseline == "2025-12-31" else MIXED

    report = a_workspace(frame).guardrails("SH-1", baseline=baseline, window=window, as_of=as_of)

    for each in report.contrasts:
        assert (each.verdict, each.principal.value) == (Verdict.UNDECIDED, None)
        assert each.why.startswith("principal: No change is given")
        assert why in each.why


def test_rows_that_are_too_new_for_what_follows_are_not_compared():
    """With 30 days to wait for complaints, the visits of January are not ripe on 1 February."""
    shop = Shop()
    shop.kpis = tuple(attrs.evolve(each, follow_up=FollowUp(30)) for each in shop.kpis)

    report = a_workspace(MIXED, shop).guardrails(
        "SH-1", baseline="2026-01-01", window="2026-01-03", as_of="2026-02-01"
    )

    assert {each.verdict for each in report.contrasts} == {Verdict.UNDECIDED}
    assert "is not complete yet" in report.contrasts[0].why


def test_overlapping_windows_are_told_of():
    """The same rows on both sides make intervals wider than they need be."""
    report = a_workspace(MIXED).guardrails(
        "SH-1", baseline="2026-01-01..2026-01-03", window="2026-01-03..2026-01-04"
    )

    assert [note.code for note in report.notes] == ["windows_overlap"]


def test_a_direction_of_the_guardrail_wins_over_the_kpi_s_own():
    """Here more complaints are welcome."""
    shop = Shop([Guardrail("SH-2", Direction.HIGHER)])

    report = a_workspace(GROWING, shop).guardrails("SH-1", by="cohort")

    assert [each.verdict for each in report.contrasts] == [Verdict.SAFE, Verdict.HARMFUL]


def test_few_rows_leave_it_undecided():
    """Two cohorts of five."""
    frame = visits(("c1", "A", 5, 1, 1, 1.0), ("c2", "A", 5, 3, 2, 1.0))

    report = a_workspace(frame).guardrails("SH-1", by="cohort")

    assert {Verdict.UNDECIDED} == {each.verdict for each in report.contrasts}


def test_what_cannot_be_compared_is_an_error_that_says_why():
    """Nothing to compare, both at once, no window, no column, no guardrail, an unknown one."""
    workspace = a_workspace(GROWING)
    windowless = a_workspace(GROWING, Shop(window=None))
    for asked in (
        {},
        {"window": "2026"},
        {"by": "cohort", "window": "2026", "baseline": "2025"},
    ):
        with pytest.raises(UsageError, match="one of the two"):
            workspace.guardrails("SH-1", **asked)
    with pytest.raises(UsageError, match="has no time window"):
        windowless.guardrails("SH-1", window="2026-01-02", baseline="2026-01-01")
    with pytest.raises(Exception, match="SH-1 cannot be sliced by 'nope'"):
        workspace.guardrails("SH-1", by="nope")
    with pytest.raises(NoGuardrailsError, match="SH-1"):
        workspace.guardrails("SH-2", by="cohort")
    with pytest.raises(UnknownNameError, match=r"guardrail .SH-9. of SH-1"):
        a_workspace(GROWING, Shop([Guardrail("SH-9")])).guardrails("SH-1", by="cohort")


def test_one_group_is_nothing_to_compare():
    """And the report says so instead of being silently empty."""
    report = a_workspace(visits(("c1", "A", 5, 1, 1, 1.0))).guardrails("SH-1", by="cohort")
    alone = a_workspace(visits(("x", "A", 5, 1, 1, 1.0))).guardrails("SH-1", by="land")

    for each in (report, alone):
        assert each.contrasts == ()
        assert "one_group" in {note.code for note in each.notes}


def test_the_rest_has_its_segments_too():
    """Each cohort against the other one: one of the two gains, by its mix."""
    report = a_workspace(MIXED).guardrails("SH-1", by="cohort", against="rest", segments=["land"])

    turned = [(each.current, each.reversals) for each in report.contrasts if each.reversals]
    assert {current for current, _ in turned} == {"c2"}
    assert turned[0][1][0].parts.mix == pytest.approx(0.573333, abs=1e-6)


def test_segments_that_are_refused_are_told_of():
    """A column that the source does not have is named, and the rest is compared."""
    report = a_workspace(GROWING).guardrails("SH-1", by="cohort", segments=["nope"])

    assert [note.code for note in report.notes] == ["segment_refused"]
    assert len(report.contrasts) == 4


@pytest.fixture
def command(tmp_path):
    """``command(*arguments)``: the command line with the shop, on files of the mixed visits."""
    MIXED.to_csv(tmp_path / "visits.csv", index=False)

    def run(*arguments: str) -> int:
        here = Installation(tmp_path, {"HOME": str(tmp_path)}, [Shop()])
        where = ["--source", str(tmp_path), "--no-cache"]
        return main(["guardrails", "SH-1", *where, *arguments], here)

    return run


def test_the_command_prints_changes_intervals_and_verdicts(command, capsys):
    """One line a pair on stdout, the paradox on stderr."""
    assert command("--by", "cohort") == 0

    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert len(lines) == 3
    assert "+0.49 [+0.358, +0.596]" in lines[1]
    assert "improved, harm not ruled out" in lines[1]
    assert "SH-1 improves on the whole and gets worse in 2 of 2 segments by land (A, B)" in told.err


def test_what_the_data_call_a_segment_moves_no_cursor(command, capsys, tmp_path):
    """A remark quotes the names of segments: terminal sequences in them are written out."""
    frame = MIXED.assign(land=MIXED["land"].map({"A": "A\x1b[2J", "B": "B\u202e"}))
    frame.to_csv(tmp_path / "visits.csv", index=False)

    assert command("--by", "cohort") == 0

    told = capsys.readouterr()
    assert not {"\x1b", "\u202e"} & set(told.out + told.err)
    assert "(A\\x1b[2J, B\\u202e)" in told.err


def test_the_command_s_json_holds_everything(command, capsys):
    """Values, counts, intervals, movements, verdict, reason and reversals, in full precision."""
    assert command("--by", "cohort", "--format", "json") == 0

    document = json.loads(capsys.readouterr().out)
    first = document["contrasts"][0]
    assert tuple(
        first[name] for name in ("principal", "guardrail", "column", "baseline", "current")
    ) == ("SH-1", "SH-2", "cohort", "c1", "c2")
    assert (
        first["principal_change"]["baseline"],
        first["principal_change"]["baseline_n"],
        first["principal_change"]["current"],
        first["principal_change"]["current_n"],
        first["principal_change"]["interval"]["method"],
        first["principal_change"]["movement"],
    ) == (0.27, 100, 0.76, 100, "newcombe", "better")
    assert (first["verdict"], first["opposed"]) == ("improved_harm_not_ruled_out", False)
    reversal = first["reversals"][0]
    assert reversal["worse"] == ["A", "B"]
    assert reversal["mix"]["change"] == pytest.approx(0.573333, abs=1e-6)
    assert reversal["within"]["change"] == pytest.approx(-0.083333, abs=1e-6)
    assert reversal["mix"]["interval"]["low"] > 0 > reversal["within"]["interval"]["low"]
    assert first["margin"] == 0.1
    # a tenth of 100 on both sides: no relative change, known to the factor 2.2 or so
    guarded = first["guardrail_change"]
    assert guarded["relative"] == 0
    assert (1 + guarded["relative_interval"]["low"]) * (
        1 + guarded["relative_interval"]["high"]
    ) == pytest.approx(1, abs=1e-9)


def test_the_command_s_exit_codes(command, capsys):
    """2 for a question that is none, 1 where nothing has a value, 0 for any verdict."""
    assert command() == 2
    assert command("--by", "cohort", "--where", "land=nowhere") == 1
    assert command("--baseline", "2026-01-01", "--window", "2026-01-02", "--segment", "cohort") == 0
    capsys.readouterr()
