"""The pages of a snapshot as texts: the scorecard, and one for each KPI."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from kpisdk.reporting import json_text, kpi_view, page, published, scorecard_view, summary
from kpisdk_web.snapshot import Snapshot

HERE = Path(__file__).parent
TEMPLATES = [HERE / "templates"]

SYNTHETIC = {
    True: "These results were computed on synthetic data.",
    None: "These results were perhaps computed on synthetic data: the mark cannot be read.",
}

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'"
)
"""What the pages may load: their own files, and pictures that they draw themselves."""

NO_TREND = "This KPI has no values by period: "

VIEWS = ("now", "trend", "change", "guardrails", "events", "meaning", "statements")
"""The parts of a KPI's page that have copies, beside its slices (``by-1`` …)."""

Copies = Sequence[tuple[str, str]]
"""Names of formats with links to them."""


def scorecard_page(
    shown: Snapshot, *, static: str, href: Callable[[str], str], copies: Copies = ()
) -> str:
    """The scorecard.

    Args:
        shown: what is on it.
        static: where style sheets and scripts lie, as links name it.
        href: from the id of a KPI to the link of its page.
        copies: links of the same in other formats.
    """
    view = scorecard_view(shown.report, shown.trends, shown.kpis)
    hrefs = {result.kpi_id: href(result.kpi_id) for result in shown.report.results}
    return page(
        "scorecard_page.html",
        TEMPLATES,
        view=view,
        policy=POLICY,
        static=static,
        hrefs=hrefs,
        copies=copies,
        name="kpis",
    )


def kpi_page(
    kpi_id: str,
    shown: Snapshot,
    *,
    static: str,
    home: str,
    href: Callable[[str], str],
    copies: Callable[[str], Copies] = lambda _view: (),
) -> str:
    """The page of one KPI.

    Args:
        kpi_id: which.
        shown: what is known of it and of its guardrails.
        static: where style sheets and scripts lie, as links name it.
        home: the link of the scorecard.
        href: from the id of a KPI to the link of its page.
        copies: from a view (one of ``VIEWS``, or ``by-1`` …) to its links in other formats.

    Raises:
        KeyError: the snapshot has no result of the KPI.
    """
    view = kpi_view(
        kpi_id,
        shown.report,
        shown.kpis,
        trends=shown.trends,
        slices=shown.slices,
        statements=shown.statements,
        events=shown.events.get(kpi_id, ()),
    )
    views = [*VIEWS, *(f"by-{place}" for place in range(1, len(view.slices) + 1))]
    trend = None if view.trend is None else view.trend.trend
    source = shown.report.source
    return page(
        "kpi_page.html",
        TEMPLATES,
        view=view,
        policy=POLICY,
        static=static,
        home=home,
        hrefs={each.kpi_id: href(each.kpi_id) for each in view.guardrails},
        copies={each: copies(each) for each in views},
        rows=json_text([] if trend is None else trend.to_rows()),
        zones=json_text([] if trend is None else trend.to_zones()),
        marks=json_text([] if view.trend is None else view.trend.to_marks()),
        no_trend=_why_no_trend(kpi_id, shown),
        synthetic=SYNTHETIC.get(False if source is None else source.synthetic, ""),
        summary=summary(published(shown.report))[-1:] if source is not None else (),
        name=kpi_id,
    )


def _why_no_trend(kpi_id: str, shown: Snapshot) -> str:
    told = [each.message for each in shown.trends.results if each.kpi_id == kpi_id and each.message]
    return NO_TREND + (told[0] if told else "no period has one.")
