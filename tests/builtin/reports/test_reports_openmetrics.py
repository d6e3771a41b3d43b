"""OpenMetrics: text that a scraper accepts, one series a result, no invented number."""

import datetime as dt
import re

import attrs
import pytest

from kpisdk.builtin.reports.openmetrics import render
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import Report, SourceIdentity
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Reason, Status

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf"({NAME})\{{((?:{LABEL}(?:,{LABEL})*)?)\}} (-?[0-9.]+(?:e[+-]?[0-9]+)?)")


def parsed(text):
    """The samples by (name, labels), checked against the rules of the format.

    Written from the specification: one metadata block a family, samples of a family together and
    under its metadata, no series twice, ``# EOF`` at the end and nowhere else.
    """
    lines = text.split("\n")
    assert lines[-2:] == ["# EOF", ""]
    family, seen, samples = None, set(), {}
    for line in lines[:-2]:
        if line.startswith("# "):
            _, keyword, name, rest = line.split(" ", 3)
            assert keyword in {"TYPE", "HELP", "UNIT"}
            if keyword == "TYPE":
                assert name not in seen, f"{name} twice"
                family, kind = name, rest
                seen.add(name)
            if keyword == "UNIT":
                assert name.endswith(f"_{rest}")
            assert name == family
            continue
        found = SAMPLE.fullmatch(line)
        assert found, line
        suffix = {"gauge": "", "stateset": "", "info": "_info"}[kind]
        assert found[1] == family + suffix
        pairs = [
            (name, re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), value))
            for name, value in re.findall(LABEL, found[2])
        ]
        labels = dict(pairs)
        assert len(labels) == len(pairs), f"a label twice: {line}"
        assert "" not in labels.values(), f"an empty label is none: {line}"
        if kind == "stateset":
            assert labels[family] in set(Status)
        key = (found[1], frozenset(labels.items()))
        assert key not in samples, f"a series twice: {line}"
        samples[key] = float(found[7])
    return samples


def values(samples, name):
    """The samples of one name, as a list of (labels, value)."""
    return [(dict(labels), value) for (found, labels), value in samples.items() if found == name]


def test_openmetrics_of_one_result(good):
    """The value with its labels, its four states, its interval, its newest data."""
    own = {"kpi": "WS2-TR-004", "workstream": "ws2_triggers", "unit": "ratio"}
    own |= {"window": "last 30 days"}
    samples = parsed(render(Report((good,))))

    assert values(samples, "kpisdk_kpi_value") == [(own, 0.52)]
    states = [(s["kpisdk_kpi_status"], v) for s, v in values(samples, "kpisdk_kpi_status")]
    assert states == [("good", 1), ("warning", 0), ("critical", 0), ("unknown", 0)]
    ends = [({**own, "bound": "low"}, 0.4567), ({**own, "bound": "high"}, 0.5823)]
    assert values(samples, "kpisdk_kpi_interval") == ends
    target, *rest = values(samples, "kpisdk_kpi_threshold")
    assert target == ({**own, "bound": "target"}, 0.5)
    assert [labels["bound"] for labels, _ in rest] == ["warning", "critical"]
    assert values(samples, "kpisdk_kpi_decided") == [(own, 0)]
    assert values(samples, "kpisdk_kpi_rows") == [(own, good.n)]
    # 2026-02-28 23:59:30 UTC: 56 years of 365 days, 14 leap days and 58 days after 1970.
    seconds = (56 * 365 + 14 + 58) * 86400 + 86370
    assert values(samples, "kpisdk_kpi_data_through_timestamp_seconds") == [(own, seconds)]
    assert values(samples, "kpisdk_kpi_stale") == [(own, 0)]


def test_openmetrics_line_as_written(good):
    """The text of a sample, as the documentation shows it."""
    line = (
        'kpisdk_kpi_value{kpi="WS2-TR-004",workstream="ws2_triggers",unit="ratio",'
        'window="last 30 days"} 0.52'
    )
    assert line in render(Report((good,))).splitlines()


def test_answers_to_different_questions_are_different_series(good):
    """Filters and parameters are labels: a filtered run does not overwrite an unfiltered one."""
    asked = attrs.evolve(
        good, where={"brand": ["Kisqali", None], "window": [""]}, parameters={"k": 5}
    )

    ((labels, value),) = values(parsed(render(Report((asked,)))), "kpisdk_kpi_value")

    assert value == 0.52
    assert (labels["where_brand"], labels["where_window"]) == ("Kisqali or (null)", "(empty)")
    assert labels["parameter_k"] == "5"


def series(results):
    """The labels of the values, as sets of pairs."""
    found = values(parsed(render(Report(tuple(results)))), "kpisdk_kpi_value")
    return [frozenset(labels.items()) for labels, _ in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["A or B"], ["A", "B"]),
        ([None], ["(null)"]),
        ([""], ["(empty)"]),
        (["A"], ['"A"']),
        (['"A or B"'], ["A or B"]),
        (["A", "B"], ["A"]),
        ([1], [2]),
        ([True], [None]),
    ],
)
def test_two_filters_are_never_one_series(good, one, other):
    """Whatever their values look like; each alone in a scrape of its own."""
    (first,), (second,) = (
        series([attrs.evolve(good, where={"brand": each})]) for each in (one, other)
    )

    assert first != second


def test_one_filter_is_one_series_in_whatever_order_it_is_given(good):
    """A or B is B or A, and A twice is A."""
    (first,), (second,) = (
        series([attrs.evolve(good, where={"brand": each})])
        for each in (["A", "B"], ["B", "A", "A"])
    )

    assert first == second


def test_a_slice_called_like_a_filter_has_a_label_of_its_own(good):
    """Columns have whatever names people gave them."""
    asked = attrs.evolve(
        good, where={"a": ["f"]}, slice={"where a": "s", "parameter k": "t"}, parameters={"k": 5}
    )

    ((labels, _),) = values(parsed(render(Report((asked,)))), "kpisdk_kpi_value")

    assert sorted(labels.values()).count("f") == 1
    assert {"f", "s", "t", "5"} <= set(labels.values())


@pytest.mark.parametrize("value", ["", None, "(empty)", "(null)", 0, False, "x"])
def test_a_parameter_that_was_given_is_never_no_label(good, value):
    """A label without a value is none: it would be the series without the parameter."""
    (labels,) = series([attrs.evolve(good, parameters={"k": value})])

    assert dict(labels)["parameter_k"]


def test_two_windows_are_never_one_series(good):
    """A window whose words do not tell it has its days, and so has a period that is cut."""
    march = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    custom = [Window(march, march + dt.timedelta(days=n)) for n in (3, 4)]
    cut = Note("partial_period", "cut")
    period = attrs.evolve(good, period="2026-03", window=Window(march, custom[1].end, "2026-03"))
    found = series(
        [
            *(attrs.evolve(good, window=each) for each in (*custom, Window())),
            period,
            attrs.evolve(period, warnings=(cut,)),
            attrs.evolve(period, warnings=(cut,), window=custom[0]),
        ]
    )

    assert len(set(found)) == 6
    assert not any("repeat" in dict(labels) for labels in found)


def test_a_mark_that_cannot_be_read_is_unknown(good):
    """Neither true nor false."""
    source = SourceIdentity("s", "duckdb", "f", synthetic=None)
    samples = parsed(render(Report((good,), source=source)))

    assert {dict(labels)["synthetic"] for _, labels in samples} == {"unknown"}


def test_openmetrics_absent_values_are_counted(report):
    """An absent value is no sample of the value, and one of the unknown with its reason."""
    samples = parsed(render(report))
    with_values = {labels["kpi"] for labels, _ in values(samples, "kpisdk_kpi_value")}
    unknown = [(s["kpi"], s["reason"], v) for s, v in values(samples, "kpisdk_kpi_unknown")]

    assert with_values == {"WS2-TR-004", "WS1-DQ-007", "CM-001"}
    # A value without thresholds is there: it is not counted.
    assert unknown == [("WS3-BI-008", "missing_parameter", 1)]


def test_openmetrics_not_a_number_is_absent(make):
    """A broken record's NaN is not exported as a number either."""
    samples = parsed(render(Report((make(value=float("nan")),))))

    assert values(samples, "kpisdk_kpi_value") == []
    assert [labels["reason"] for labels, _ in values(samples, "kpisdk_kpi_unknown")] == [
        "unspecified"
    ]


def test_openmetrics_says_synthetic(report):
    """Every series of synthetic data says so, and the source is described once."""
    samples = parsed(render(report))
    (labels, value), *others = values(samples, "kpisdk_source_info")

    assert others == []
    assert (labels, value) == ({"name": "demo", "kind": "duckdb", "synthetic": "true"}, 1)
    assert all(dict(labels)["synthetic"] == "true" for _, labels in samples)


def test_openmetrics_of_real_data(good):
    """Real data carry no such label; without a source there is no source to describe."""
    assert "synthetic" not in render(Report((good,)))
    assert "kpisdk_source" not in render(Report((good,)))


def test_openmetrics_slices_are_labels(sliced, hostile):
    """Null and empty slices are told from each other and from the headline; all is escaped."""
    labels = [given for given, _ in values(parsed(render(sliced)), "kpisdk_kpi_value")]

    assert [(each.get("brand"), each.get("brand_is")) for each in labels] == [
        ("Kisqali", None),
        (None, "null"),
        (None, "empty"),
        ("Kisqáli 药", None),
        (hostile, None),
    ]


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("brand", "brand"),
        ("unit", "slice_unit"),
        ("kpisdk_kpi_status", "slice_kpisdk_kpi_status"),
        ("__reserved", "slice___reserved"),
        ("2nd", "slice_2nd"),
        ("", "slice_"),
        ("a b-c", "a_b_c"),
        ("région", "r_gion"),
    ],
)
def test_openmetrics_label_names_are_valid(make, column, label):
    """A column of any name becomes a valid label that is none of ours."""
    report = Report((make(value=1.0, slice={column: "x"}),))
    ((labels, _),) = values(parsed(render(report)), "kpisdk_kpi_value")

    assert labels[label] == "x"


def test_openmetrics_label_names_stay_apart(make):
    """Columns whose labels would be one get two; no filter is lost."""
    columns = {"a b": "1", "a_b": "2", "a-b": "3", "a_b_is": "4"}
    ((labels, _),) = values(
        parsed(render(Report((make(value=1.0, slice=columns),)))), "kpisdk_kpi_value"
    )

    assert sorted(labels.values()) == sorted(
        ["1", "2", "3", "4", "WS2-TR-004", "ws2_triggers", "ratio"]
    )


def test_openmetrics_null_of_a_column_that_looks_like_a_marker(make):
    """A null of one column and a value of a column called like its marker do not meet."""
    report = Report(
        (make(value=1.0, slice={"brand": None}), make(value=2.0, slice={"brand_is": "null"}))
    )

    assert len(values(parsed(render(report)), "kpisdk_kpi_value")) == 2


def test_openmetrics_periods_are_labels(make):
    """Buckets of one KPI are series of their own."""
    report = Report(tuple(make(value=1.0, period=month) for month in ("2026-01", "2026-02")))
    labels = [given for given, _ in values(parsed(render(report)), "kpisdk_kpi_value")]

    assert [each["period"] for each in labels] == ["2026-01", "2026-02"]


def test_openmetrics_repeated_results_stay_valid(make):
    """The same series twice would be refused by a scraper: the second says that it repeats."""
    report = Report((make(value=1.0), make(value=2.0)))
    found = values(parsed(render(report)), "kpisdk_kpi_value")

    assert [(labels.get("repeat"), value) for labels, value in found] == [(None, 1), ("2", 2)]


@pytest.mark.parametrize("value", [0.0, 1.0, -1.5, 1e-300, 1.7e308, 1 / 3, 123456789.125])
def test_openmetrics_numbers_are_exact(make, value):
    """Full precision, in a form that the grammar has."""
    ((_, found),) = values(parsed(render(Report((make(value=value),)))), "kpisdk_kpi_value")

    assert found == value


def test_openmetrics_of_every_reason(make):
    """Each reason is a label of its own."""
    report = Report(tuple(make(kpi_id=f"X-{i}", reason=reason) for i, reason in enumerate(Reason)))
    found = values(parsed(render(report)), "kpisdk_kpi_unknown")

    assert {labels["reason"] for labels, _ in found} == set(Reason)


def test_openmetrics_without_results(empty):
    """Families without samples are valid."""
    assert parsed(render(empty)) == {}
