"""JSON and JSON lines: the published object, in full precision."""

import json
from datetime import UTC, datetime

from kpisdk.builtin.reports.json_texts import json_text, render, render_lines
from kpisdk.contracts.results import Report, Result


def strict(text):
    """JSON as the standard has it: NaN and Infinity are refused."""

    def refuse(word):
        raise AssertionError(word)

    return json.loads(text, parse_constant=refuse)


def test_json_is_the_published_object(report):
    """The text is the report's own object, indented, scripts of all kinds readable."""
    text = render(report)

    assert strict(text) == report.to_dict()
    assert text == json.dumps(report.to_dict(), ensure_ascii=False, indent=2) + "\n"


def test_json_keys_stand_in_the_published_order(report):
    """A reader finds identity first, then value and status, as the specification lists them."""
    document = strict(render(report))

    assert list(document) == ["schema_version", "as_of", "source", "results"]
    assert list(document["results"][0])[:8] == [
        *("kpi_id", "name", "workstream", "value", "unit", "status", "reason", "message"),
    ]


def test_json_says_synthetic(report):
    """The source's mark is in the document."""
    assert strict(render(report))["source"]["synthetic"] is True


def test_json_has_full_precision(make):
    """A third is all the digits of a third."""
    assert "0.3333333333333333," in render(Report((make(value=1 / 3),)))


def test_json_never_holds_nan(make):
    """Numbers that JSON has not are null, wherever they stand."""
    broken = make(value=float("nan"), p_value=float("inf"), details={"x": [float("-inf")]})
    (result,) = strict(render(Report((broken,))))["results"]

    assert (result["value"], result["p_value"], result["details"]) == (None, None, {"x": [None]})


def test_json_results_round_trip(report, sliced):
    """Every result can be read back as the record that it was."""
    for each in (report, sliced):
        read = [Result.from_dict(raw) for raw in strict(render(each))["results"]]
        assert tuple(read) == each.results


def test_json_lines_are_one_result_each(report):
    """As many lines as results, in order, each a whole JSON object."""
    lines = render_lines(report).splitlines()

    assert [strict(line)["kpi_id"] for line in lines] == [each.kpi_id for each in report.results]
    for line, each in zip(lines, report, strict=True):
        own = {name: value for name, value in each.to_dict().items() if name != "as_of"}
        assert strict(line).items() >= own.items()


def test_a_line_has_the_instant_that_its_value_was_computed_for(make):
    """As it was resolved; where that is not known, as it was given."""
    resolved = datetime(2026, 2, 1, tzinfo=UTC)
    given = Report(
        (make(value=0.5, as_of=resolved), make(value=0.5)), as_of=resolved.replace(day=9)
    )

    lines = [strict(line) for line in render_lines(given).splitlines()]

    assert [line["as_of"] for line in lines] == ["2026-02-01T00:00:00Z", "2026-02-09T00:00:00Z"]


def test_json_lines_stand_alone(report):
    """Each line says its source, and so whether it is synthetic, and the instant asked for."""
    for line in render_lines(report).splitlines():
        document = strict(line)
        assert document["source"] == {"name": "demo", "kind": "duckdb", "synthetic": True}
        assert (document["as_of"], document["schema_version"]) == ("2026-03-01T00:00:00Z", 1)


def test_json_lines_hold_no_other_line_breaks(make):
    """Characters that some readers take for line breaks are escaped, and come back."""
    name = "a\nb\r\u2028c\u2029d\x85e\x0bf"
    text = render_lines(Report((make(name=name),)))

    assert len(text.splitlines()) == 1
    assert strict(text)["name"] == name


def test_json_lines_without_results(empty):
    """No results, no lines."""
    assert render_lines(empty) == ""


def test_json_text_keeps_lone_surrogates():
    """What UTF-8 cannot hold is escaped, and comes back."""
    assert json_text("\udcff") == '"\\udcff"'
    assert json.loads(json_text("\udcff")) == "\udcff"
