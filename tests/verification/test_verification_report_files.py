"""Reports read from files: what is taken, and what is refused with the reason."""

from __future__ import annotations

import json

import pytest

from kpisdk import Report, Request, SourceIdentity, Window
from kpisdk.verification.report_files import NoReportError, read_report
from kpisdk.windows import parse_window
from kpisdk.workspace.window_arguments import rule


@pytest.fixture
def written(tmp_path, make_result):
    """``written(change, **request)``: a report in a file, after its document was changed."""

    def write(change=None, **request):
        asked = Request(("OURS-001",), **request)
        source = SourceIdentity("demo", "duckdb", "secret")
        document = Report((make_result(),), source, None, request=asked).to_dict()
        if change is not None:
            change(document)
        path = tmp_path / "report.json"
        path.write_text(json.dumps(document))
        return path

    return write


def test_a_report_comes_back_with_what_was_asked(written, make_result):
    """Enough to ask again, under the names of ``Workspace.compute``."""
    path = written(
        window=parse_window("last 3 months"),
        where={"site": ["a", None]},
        by=["site"],
        grain="month",
        compare="previous",
        parameters={"k": 5},
    )

    report = read_report(path)

    assert report.results == (make_result(),)
    assert (report.source, report.kpi_ids) == ("demo", ("OURS-001",))
    assert report.can_be_asked_again
    assert report.asked["window"] == parse_window("last 3 months")
    assert report.asked["where"] == {"site": ["a", None]}
    shown = {name: report.asked[name] for name in ("by", "grain", "compare", "parameters")}
    assert shown == {
        "by": ["site"],
        "grain": "month",
        "compare": "previous",
        "parameters": {"k": 5},
    }
    assert "secret" not in path.read_text()


def test_a_window_that_was_a_record_comes_back_as_one(written, make_result):
    """Its label is no text of the grammar."""
    window = Window(None, make_result().as_of, "up to the audit")

    assert read_report(written(window=rule(window))).asked["window"] == window


def test_all_kpis_are_a_family_whichever_are_installed_now(written):
    """The default of that day is asked for by its name."""
    assert read_report(written(everything=True)).asked["family"] == "bh"
    assert "family" not in read_report(written()).asked
    # The slices of a KPI have a default of their own, which does not depend on what is installed.
    assert "family" not in read_report(written(everything=True, by=["brand"])).asked


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("request"),
        lambda document: document["results"][0].pop("manifest"),
    ],
)
def test_a_report_of_an_older_version_cannot_be_asked_again(written, change):
    """It is read all the same."""
    report = read_report(written(change))

    assert len(report.results) == 1
    assert not report.can_be_asked_again


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("no json", "not JSON"),
        ('{"results": [NaN]}', "NaN is no number of JSON"),
        ('{"results": [], "results": []}', "stands twice"),
        ("[]", "not the object of a report"),
        ('{"results": 1}', "not the object of a report"),
        ('{"results": []}', "schema_version is None"),
        ('{"schema_version": 2, "results": []}', "schema_version is 2"),
        ('{"schema_version": 1, "results": [{"kpi_id": "A-1"}]}', "not as it is written"),
        ('{"schema_version": 1, "results": [1]}', "not as it is written"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(tmp_path, text, reason):
    """The sentence names the file and says what writes a report."""
    path = tmp_path / "report.json"
    path.write_text(text)

    with pytest.raises(NoReportError, match=reason) as caught:
        read_report(path)
    assert "`kpisdk compute --format json` writes one" in caught.value.message


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["request"].update(window="next full moon"),
        lambda document: document["request"].update(kpi_ids=None),
        lambda document: document.update(request="all of it"),
        lambda document: document["results"][0].update(value="0.75"),
        lambda document: document["results"][0]["manifest"].update(statements=[{"digest": 1}]),
    ],
)
def test_a_part_that_is_not_as_it_is_written_is_refused(written, change):
    """Guessing would compare with something that was never said."""
    with pytest.raises(NoReportError, match="not as it is written"):
        read_report(written(change))


def test_a_file_that_is_not_there_or_is_no_text_is_refused(tmp_path):
    """A folder, a name of nothing, bytes."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")

    for name, reason in ((".", "directory"), ("nowhere", "No such file"), ("bytes", "not UTF-8")):
        with pytest.raises(NoReportError, match=reason):
            read_report(tmp_path / name)
