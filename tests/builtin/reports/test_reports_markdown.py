"""Markdown: a GitHub table that shows every text as it is."""

import pytest
from markdown_it import MarkdownIt

from kpisdk.builtin.reports.escaping import visible
from kpisdk.builtin.reports.markdown import escaped, render
from kpisdk.contracts.results import Report


def cells(text):
    """The texts of the table's cells, row by row, as an independent parser understands them."""
    parser = MarkdownIt("commonmark").enable("table")
    found, row = [], []
    for token in parser.parse(text):
        if token.type == "tr_open":
            row = []
        elif token.type == "inline" and token.level >= 4:
            kinds = {child.type for child in token.children}
            assert kinds <= {"text", "text_special"}, f"{kinds} in {token.content!r}"
            row.append("".join(child.content for child in token.children))
        elif token.type == "tr_close":
            found.append(row)
    return found


def test_markdown_of_one_of_each(report):
    """The source is readable as it stands."""
    lines = render(report).splitlines()

    assert lines[0] == (
        "| id | name | value | interval | status | target | window | data through (UTC) | change |"
    )
    assert lines[1] == "| --- | --- | ---: | --- | --- | --- | --- | --- | --- |"
    assert lines[2] == (
        "| WS2-TR-004 | Acceptance rate | 0.520 | [0.457, 0.582] | good (undecided) | >= 0.5"
        " | last 30 days | 2026-02-28 23:59 |  |"
    )
    assert "- WS3-BI-008: missing_parameter: Name a brand with --where brand=…." in lines
    assert lines[-1] == "Source: demo (duckdb), synthetic data."


def test_markdown_is_a_table_to_a_parser(report):
    """An independent parser finds the rows and cells that were written."""
    found = cells(render(report))

    assert [row[0] for row in found] == ["id", "WS2-TR-004", "WS1-DQ-007", "WS3-BI-008", "CM-001"]
    assert found[2][8] == "+234.5 days (+23.4 %) from 2026-01"
    assert {len(row) for row in found} == {9}


def test_markdown_escapes_slices(sliced, hostile):
    """Pipes, quotes, tags and line breaks of a slice stay inside its cell."""
    brands = [row[2] for row in cells(render(sliced))[1:]]

    assert brands == ["Kisqali", "(null)", "(empty)", "Kisqáli 药", visible(hostile)]


@pytest.mark.parametrize(
    "text",
    [
        "a|b",
        "a\\|b\\",
        "ends with \\",
        "`code`",
        "**bold** __bold__ *em* _em_",
        "snake_case_name",
        "[link](http://example.com) ![img](http://example.com/x.png)",
        "[text][ref]",
        "<script>alert(1)</script> <b> <!-- c --> <?php ?>",
        "<http://example.com>",
        "&lt; &#60; &amp; & &",
        "~~gone~~",
        "a < b <= c > d",
    ],
)
def test_markdown_shows_texts_as_they_are(make, text):
    """Whatever a name holds, a reader of the rendered page sees exactly that."""
    found = cells(render(Report((make(name=text, value=0.5),))))

    assert found[1][1] == text


def test_markdown_leaves_plain_texts_alone():
    """Ids, codes, intervals and comparisons need no backslashes in the source."""
    for text in (
        "WS2-TR-004",
        "zero_denominator",
        "[0.457, 0.582]",
        ">= 0.5",
        "<= 3 days",
        "a & b",
    ):
        assert escaped(text) == text


def test_markdown_without_results(empty):
    """Nothing was asked: no table, one line."""
    assert render(empty) == "0 results.\n"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("$x$ and $y$", "&#36;x&#36; and &#36;y&#36;"),
        ("a :tada: b", "a &#58;tada: b"),
        ("few_rows: Only 3", "few_rows: Only 3"),
    ],
)
def test_formulas_and_little_pictures_stay_texts(text, written):
    """Dollar signs begin a formula on some pages, a word between colons is a picture."""
    assert escaped(text) == written
