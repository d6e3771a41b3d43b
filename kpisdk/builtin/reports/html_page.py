"""The scorecard as one HTML page that needs nothing else: no script, no font, no request."""

from __future__ import annotations

from html import escape

from kpisdk.builtin.reports.explanations import explanations, summary
from kpisdk.builtin.reports.figure_text import instant
from kpisdk.builtin.reports.html_bars import bar
from kpisdk.builtin.reports.scorecard import STATUS, WINDOW, Column, columns
from kpisdk.contracts.results import Report, Result

# The policy makes the promise binding: a browser loads nothing, whatever a text smuggles in.
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>KPI report</title>
<style>
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60646c; --line: #d9dce1;
  --paper: #ffffff; --good: #18794e; --warning: #8a5a00; --critical: #c62a2f;
  --unknown: #6941a5; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #b0b4ba; --line: #43484e;
  --paper: #18191b; --good: #4cc38a; --warning: #f1a10d; --critical: #ff6369;
  --unknown: #b48ef0; } }
body { margin: 2rem auto; max-width: 90rem; padding: 0 1rem; color: var(--ink);
  background: var(--paper); font: 15px/1.5 system-ui, sans-serif; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .45rem .7rem; text-align: left; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
.whole { white-space: nowrap; }
.right { text-align: right; font-variant-numeric: tabular-nums; }
.badge { padding: .1rem .55rem; border: 1px solid; border-radius: 1rem; font-weight: 600; }
.badge.good { color: var(--good); } .badge.warning { color: var(--warning); }
.badge.critical { color: var(--critical); } .badge.unknown { color: var(--unknown); }
.bar { display: block; } .zone { opacity: .35; }
.zone.good { fill: var(--good); } .zone.warning { fill: var(--warning); }
.zone.critical { fill: var(--critical); }
.interval { stroke: var(--ink); stroke-width: 2; } .value { fill: var(--ink); }
.synthetic { padding: .5rem .9rem; border: 1px dashed var(--warning); }
code { font-size: .9em; } footer { color: var(--soft); margin-top: 1.5rem; }
footer p { margin: .1rem 0; }
</style>
</head>
"""


_SYNTHETIC = {
    True: "These results were computed on synthetic data.",
    None: "These results were perhaps computed on synthetic data: the mark cannot be read.",
}


def render(report: Report, colour: bool = False) -> str:
    """A page with the results, the explanations and a summary; readable in light and dark."""
    del colour
    body = ["<h1>KPI report</h1>"]
    marked = _SYNTHETIC.get(False if report.source is None else report.source.synthetic)
    if marked is not None:
        body.append(f'<p class="synthetic">{marked}</p>')
    if report.results:
        body.append(_table(report))
    notes = explanations(report)
    if notes:
        items = "\n".join(
            f"<li>{_about(note.subjects)}<code>{escape(note.code)}</code>: {escape(note.text)}</li>"
            for note in notes
        )
        body.append(f"<h2>Notes</h2>\n<ul>\n{items}\n</ul>")
    lines = "\n".join(f"<p>{escape(line)}</p>" for line in summary(report))
    body.append(f"<footer>\n{lines}\n</footer>")
    return "\n".join([f"{_HEAD}<body>", *body, "</body>", "</html>", ""])


def _table(report: Report) -> str:
    shown = columns(report)
    bars = [bar(result) for result in report.results]
    titles = [column.title for column in shown] + ["on its scale"] * any(bars)
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    rows = []
    for result, drawing in zip(report.results, bars, strict=True):
        cells = "".join(_cell(column, result) for column in shown)
        rows.append(f"<tr>{cells}{f'<td>{drawing}</td>' if any(bars) else ''}</tr>")
    start = f'<div class="wide">\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>'
    return "\n".join([start, *rows, "</tbody>\n</table>\n</div>"])


def _cell(column: Column, result: Result) -> str:
    text = escape(column.cell(result))
    if column.title == STATUS:
        text = f'<span class="badge {result.status.value}">{text}</span>'
    attributes = ""
    if column.whole:
        attributes += ' class="whole right"' if column.right else ' class="whole"'
    if column.title == WINDOW:
        attributes += f' title="{escape(_range(result))}"'
    return f"<td{attributes}>{text}</td>"


def _range(result: Result) -> str:
    """The window's ends, the end excluded; open ones say so."""
    if result.window is None:
        return "the KPI has no time filter"
    start, end = result.window.start, result.window.end
    since = "the beginning" if start is None else f"{instant(start)} UTC"
    until = "open end" if end is None else f"before {instant(end)} UTC"
    return f"from {since} to {until}"


def _about(subjects: tuple[str, ...]) -> str:
    return f"{escape(', '.join(subjects))}: " if subjects else ""
