"""The live pages: the scorecard, and the files that it loads."""

from __future__ import annotations

from starlette.requests import Request as WebRequest
from starlette.responses import Response
from starlette.routing import Route

from kpisdk import Workspace
from kpisdk.reporting import page, page_asset, scorecard_view
from kpisdk_web.server.answers import page_answer, text_answer
from kpisdk_web.server.computations import Computations
from kpisdk_web.server.folders import TEMPLATES
from kpisdk_web.snapshot import PERIODS

_KINDS = {"css": "text/css", "js": "text/javascript"}
_SHARED = ("page.css", "filter.js")
_GRAIN = "month"


class Pages:
    """The pages over one workspace.

    Args:
        workspace: where the KPIs are.
        computations: what computes.
    """

    def __init__(self, workspace: Workspace, computations: Computations) -> None:
        self.workspace = workspace
        self.computations = computations

    def routes(self) -> list[Route]:
        """All paths."""
        return [
            Route("/", self.scorecard, methods=["GET"]),
            *(Route(f"/static/{name}", self.shared, methods=["GET"]) for name in _SHARED),
        ]

    async def scorecard(self, _request: WebRequest) -> Response:
        """All KPIs."""
        return page_answer(await self.computations.answer("scorecard", self._scorecard))

    async def shared(self, request: WebRequest) -> Response:
        """A file that the core has for all pages."""
        name = request.url.path.rpartition("/")[2]
        return text_answer(page_asset(name), _KINDS[name.rpartition(".")[2]])

    def _scorecard(self) -> str:
        workspace = self.workspace
        report = workspace.compute()
        trends = workspace.compute(grain=_GRAIN, window=PERIODS[_GRAIN])
        view = scorecard_view(report, trends, workspace.registry.kpis)
        return page("site.html", TEMPLATES, view=view, policy="", static="/static")
