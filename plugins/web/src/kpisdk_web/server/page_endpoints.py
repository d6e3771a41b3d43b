"""The live pages: the scorecard, one page for each KPI, and the files that they load."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from starlette.requests import Request as WebRequest
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kpisdk import Workspace
from kpisdk.reporting import page_asset
from kpisdk_web.pages import kpi_page, scorecard_page
from kpisdk_web.remembered import Memory
from kpisdk_web.server.answers import page_answer, text_answer
from kpisdk_web.server.api_endpoints import known
from kpisdk_web.server.computations import Computations
from kpisdk_web.server.folders import STATIC
from kpisdk_web.site_folder import SHARED
from kpisdk_web.snapshot import PERIODS, Snapshot, snapshot

_KINDS = {"css": "text/css", "js": "text/javascript"}
_GRAIN = "month"

PATIENCE = 1.5
"""Seconds after which a browser is shown that the numbers are still being computed."""


class Pages:
    """The pages over one workspace.

    Args:
        workspace: where the KPIs are.
        computations: what computes.
        ids: the KPIs of the scorecard.
        memory: where what is remembered is looked for.
    """

    def __init__(
        self,
        workspace: Workspace,
        computations: Computations,
        ids: tuple[str, ...],
        memory: Memory,
    ) -> None:
        self.workspace = workspace
        self.computations = computations
        self.ids = ids
        self.memory = memory

    def routes(self) -> list[Route | Mount]:
        """All paths."""
        return [
            Route("/", self.scorecard, methods=["GET"]),
            Route("/kpis/{kpi}", self.kpi, methods=["GET"]),
            *(Route(f"/static/{name}", self.shared, methods=["GET"]) for name in SHARED),
            Mount("/static", StaticFiles(directory=STATIC, check_dir=False)),
        ]

    async def scorecard(self, request: WebRequest) -> Response:
        """All KPIs."""
        found = self.computations.answer("scorecard", self._scorecard, _patience(request))
        return page_answer(await found)

    async def kpi(self, request: WebRequest) -> Response:
        """One of them."""
        kpi_id = known(self.workspace, request.path_params["kpi"])
        found = self.computations.answer(
            ("page", kpi_id), lambda: self._kpi(kpi_id), _patience(request)
        )
        return page_answer(await found)

    async def shared(self, request: WebRequest) -> Response:
        """A file that the core has for all pages."""
        name = request.url.path.rpartition("/")[2]
        return text_answer(page_asset(name), _KINDS[name.rpartition(".")[2]])

    def _scorecard(self) -> str:
        workspace = self.workspace
        shown = Snapshot(
            report=workspace.compute(*self.ids),
            trends=workspace.compute(*self.ids, grain=_GRAIN, window=PERIODS[_GRAIN]),
            slices=(),
            kpis=workspace.registry.kpis,
            statements=(),
        )
        return scorecard_page(
            shown,
            static="/static",
            href=_link,
            copies=_copies([("kpi", each) for each in self.ids] or [("all", "true")]),
        )

    def _kpi(self, kpi_id: str) -> str:
        kpis = self.workspace.registry.kpis
        guards = [each.kpi_id for each in kpis[kpi_id].guardrails if each.kpi_id in kpis]
        shown = snapshot(
            self.workspace,
            tuple(dict.fromkeys((kpi_id, *guards))),
            grain=_GRAIN,
            store=self.memory.store,
        )
        columns = [
            column
            for each in shown.slices
            for column in dict.fromkeys(
                name
                for result in each.results
                if result.ok and result.kpi_id == kpi_id
                for name in result.slice
            )
        ]

        def copies(view: str) -> Sequence[tuple[str, str]]:
            asked = [("kpi", kpi_id)]
            own = f"/api/kpis/{quote(kpi_id, safe='')}"
            if view == "meaning":
                return [("JSON", own)]
            if view == "statements":
                return [("JSON", f"/api/explain?{urlencode(asked)}")]
            if view == "events":
                return [
                    (form.upper(), f"{own}/events?{urlencode([('format', form)])}")
                    for form in ("csv", "json")
                ]
            if view in ("now", "change"):
                asked += [("compare", "previous")]
            elif view == "guardrails":
                asked = [*(("kpi", each) for each in guards), ("compare", "previous")]
            elif view == "trend":
                asked += [("grain", _GRAIN), ("window", PERIODS[_GRAIN])]
            elif view.startswith("by-"):
                place = int(view.removeprefix("by-")) - 1
                asked += [("by", columns[place])] if place < len(columns) else []
            return _copies(asked)

        return kpi_page(kpi_id, shown, static="/static", home="/", href=_link, copies=copies)


def _patience(request: WebRequest) -> float | None:
    """A browser is told at once that it has to wait; a program waits for its answer."""
    return PATIENCE if "text/html" in request.headers.get("accept", "") else None


def _link(kpi_id: str) -> str:
    return f"/kpis/{quote(kpi_id, safe='')}"


def _copies(asked: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return [
        (form.upper(), f"/api/compute?{urlencode([*asked, ('format', form)])}")
        for form in ("csv", "json")
    ]
