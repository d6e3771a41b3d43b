"""Draws the small core, what is built around it, and a request's way through both, as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple


class Step(NamedTuple):
    """One step of a request.

    Attributes:
        title: what happens.
        packages: the packages of the core distribution that do it.
        detail: what comes of it, in a few words.
        brought: what plugins bring to it; empty for nothing.
    """

    title: str
    packages: tuple[str, ...]
    detail: str
    brought: tuple[str, ...] = ()


STEPS = (
    Step("Request", ("cli", "workspace"), "KPIs, window, slices", ("commands",)),
    Step("Resolve", ("engine",), "options settled, or refused", ("KPIs", "definition files")),
    Step("Look up", ("engine", "builtin"), "kept results of the same rows", ("caches",)),
    Step("Plan", ("planner",), "as few statements as are fast"),
    Step("Fetch", ("sql", "builtin"), "one read-only snapshot", ("sources", "SQL dialects")),
    Step("Evaluate", ("engine",), "values with intervals", ("calculators",)),
    Step("Judge", ("engine",), "status, change of periods"),
    Step("Report", ("reporting", "builtin"), "kept, then shown", ("report formats", "observers")),
)
CORE = ("contracts", "hookspecs", "registry", "settings", "windows")

# Every text stands on a fill of its own, and lines are of a middle grey: the picture reads on a
# light page and on a dark one. It is as wide as a phone, so that nothing shrinks there.
WIDTH = 380
_LEFT, _STEP_WIDTH, _BROUGHT_LEFT = 24, 226, 268
_HEAD, _HEIGHT, _GAP, _EDGE = 30, 52, 14, 1
_STYLE = """
text { font-family: system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; }
.title { font-size: 14px; font-weight: 600; fill: #10243e; }
.detail { font-size: 12px; fill: #24405f; }
.package { font-size: 12px; fill: #24405f; text-anchor: end; font-style: italic; }
.step { fill: #e6effb; stroke: #3b6fb5; }
.number { fill: #3b6fb5; }
.digit { font-size: 12px; font-weight: 600; fill: #ffffff; text-anchor: middle; }
.plugin { fill: #fdf0dc; stroke: #b7791f; }
.plugins { fill: #8a5a12; }
.brought { font-size: 12px; fill: #3d2a05; text-anchor: middle; }
.head { font-size: 12px; font-weight: 600; fill: #ffffff; text-anchor: middle; }
.core { fill: #1f3a5f; stroke: #7a8ea8; }
.room { fill: #ffffff; }
.name { font-size: 12px; fill: #10243e; text-anchor: middle; }
.line { stroke: #7a8699; stroke-width: 2; fill: none; }
.tip { fill: #7a8699; }
""".strip()


def picture() -> str:
    """The drawing as one SVG document, 380 units wide."""
    bottom = _HEAD + len(STEPS) * (_HEIGHT + _GAP)
    height = bottom + 100
    about = (
        "Eight steps from a request to a report, what plugins bring to each, and below them the "
        f"small core that all of them import: {', '.join(CORE)}."
    )
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img">'
    )
    parts = [
        opening,
        "<title>Architecture</title>",
        f"<desc>{escape(about)}</desc>",
        f"<style>{_STYLE}</style>",
        *_heading(_LEFT, _STEP_WIDTH, "number", "A request's way"),
        *_heading(_BROUGHT_LEFT, WIDTH - _EDGE - _BROUGHT_LEFT, "plugins", "Plugins bring"),
    ]
    for place, step in enumerate(STEPS):
        parts += _step(place, step, _HEAD + place * (_HEIGHT + _GAP))
    parts += _core(bottom)
    return "\n".join([*parts, "</svg>", ""])


def _heading(left: int, width: int, kind: str, words: str) -> Iterator[str]:
    yield f'<rect class="{kind}" x="{left}" y="1" width="{width}" height="20" rx="4"/>'
    yield _text("head", left + width / 2, 15, words)


def _step(place: int, step: Step, top: int) -> Iterator[str]:
    middle = top + _HEIGHT / 2
    if place:
        x = _LEFT + _STEP_WIDTH / 2
        yield f'<path class="line" d="M{x:g} {top - _GAP} V{top - 5}"/>'
        yield f'<path class="tip" d="M{x - 5:g} {top - 7} h10 l-5 7 z"/>'
    yield _box("step", _LEFT, top, _STEP_WIDTH, _HEIGHT)
    yield f'<circle class="number" cx="{_LEFT - 12}" cy="{middle:g}" r="11"/>'
    yield _text("digit", _LEFT - 12, middle + 4, str(place + 1))
    yield _text("title", _LEFT + 12, top + 21, step.title)
    yield _text("package", _LEFT + _STEP_WIDTH - 12, top + 21, ", ".join(step.packages))
    yield _text("detail", _LEFT + 12, top + 40, step.detail)
    if step.brought:
        edge = _LEFT + _STEP_WIDTH
        width = WIDTH - _EDGE - _BROUGHT_LEFT
        yield f'<path class="line" d="M{_BROUGHT_LEFT} {middle:g} H{edge + 7}"/>'
        yield f'<path class="tip" d="M{edge + 8} {middle - 5:g} v10 l-7 -5 z"/>'
        yield _box("plugin", _BROUGHT_LEFT, top, width, _HEIGHT)
        first = middle + 4 - 8 * (len(step.brought) - 1)
        for line, words in enumerate(step.brought):
            yield _text("brought", _BROUGHT_LEFT + width / 2, first + 17 * line, words)


def _core(top: int) -> Iterator[str]:
    yield _box("core", _EDGE, top + 6, WIDTH - 2 * _EDGE, 86)
    yield _text("head", WIDTH / 2, top + 30, "The small core: everything above stands on it")
    gap = 5
    width = (WIDTH - 2 * _EDGE - gap * (len(CORE) + 1)) / len(CORE)
    for place, name in enumerate(CORE):
        left = _EDGE + gap + place * (width + gap)
        yield _box("room", left, top + 44, width, 36)
        yield _text("name", left + width / 2, top + 66, name)


def _box(kind: str, left: float, top: float, width: float, height: float) -> str:
    return (
        f'<rect class="{kind}" x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" '
        'rx="6"/>'
    )


def _text(kind: str, x: float, y: float, words: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(words)}</text>'


if __name__ == "__main__":
    place = Path(__file__).parent / "explanation" / "architecture.svg"
    place.write_text(picture(), encoding="utf-8")
