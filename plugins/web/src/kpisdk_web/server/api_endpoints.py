"""The JSON under ``/api``, the metrics, and whether the server runs."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from starlette.requests import Request as WebRequest
from starlette.responses import Response
from starlette.routing import Route

from kpisdk import Report, UnknownNameError, Workspace
from kpisdk.reporting import page
from kpisdk_web.records import events_csv, events_document, record_of
from kpisdk_web.remembered import Memory, events_of
from kpisdk_web.server.answers import OPENMETRICS, json_answer, page_answer, text_answer
from kpisdk_web.server.computations import Computations
from kpisdk_web.server.folders import TEMPLATES
from kpisdk_web.server.openapi import FAULTS, PATHS, document
from kpisdk_web.server.questions import PARAMETERS, WebQuestion, question_of
from kpisdk_web.server.server_errors import UnknownKpiPathError


class Api:
    """The endpoints over one workspace.

    Args:
        workspace: where the KPIs are; nothing in it is changed but its cache.
        computations: what computes.
        ids: the KPIs of the metrics; none: all.
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

    def routes(self) -> list[Route]:
        """All paths."""
        ends: dict[str, Callable[[WebRequest], Any]] = {
            "/api": self.described,
            "/api/": self.described,
            "/api/openapi.json": self.openapi,
            "/api/kpis": self.kpis,
            "/api/kpis/{kpi}": self.kpi,
            "/api/kpis/{kpi}/events": self.events,
            "/api/compute": self.compute,
            "/api/explain": self.explain,
            "/metrics": self.metrics,
            "/healthz": self.health,
        }
        return [Route(path, end, methods=["GET"]) for path, end in ends.items()]

    async def described(self, _request: WebRequest) -> Response:
        """The API for people: its paths and parameters."""
        text = page(
            "api_page.html", TEMPLATES, paths=PATHS, parameters=PARAMETERS, faults=FAULTS, policy=""
        )
        return page_answer(text)

    async def openapi(self, _request: WebRequest) -> Response:
        """The same as OpenAPI."""
        return json_answer(document(version("kpisdk-web")))

    async def kpis(self, request: WebRequest) -> Response:
        """The registered KPIs."""
        question, _ = question_of(request.query_params.multi_items())
        everything = not question.kpis and question.workstream is None
        registry = self.workspace.registry
        chosen = registry.resolve(question.kpis, question.workstream, everything)
        return json_answer({"kpis": [record_of(registry.kpis[each]) for each in chosen]})

    async def kpi(self, request: WebRequest) -> Response:
        """One of them."""
        kpi_id = known(self.workspace, request.path_params["kpi"])
        return json_answer(record_of(self.workspace.registry.kpis[kpi_id]))

    async def events(self, request: WebRequest) -> Response:
        """What is remembered of one of them."""
        kpi_id = known(self.workspace, request.path_params["kpi"])
        _, told = question_of(request.query_params.multi_items())
        found = await self.computations.answer(
            ("events", kpi_id), lambda: events_of(self.workspace, kpi_id, self.memory)
        )
        if told["format"] == "csv":
            return text_answer(events_csv(kpi_id, found), "text/csv")
        return json_answer(events_document(kpi_id, found))

    async def compute(self, request: WebRequest) -> Response:
        """A report."""
        question, told = question_of(request.query_params.multi_items())
        report = await self.report(question)
        if told["format"] == "csv":
            return text_answer(self.written(report, "csv"), "text/csv")
        return json_answer(report.to_dict())

    async def report(self, question: WebQuestion) -> Report:
        """The report on a question, computed once for all who ask it now."""
        ids = question.resolved(self.workspace)
        arguments = question.arguments()
        found: Report = await self.computations.answer(
            question, lambda: self.workspace.compute(*ids, **arguments)
        )
        return found

    async def explain(self, request: WebRequest) -> Response:
        """The statements of a question."""
        question, _ = question_of(request.query_params.multi_items())
        ids = question.resolved(self.workspace)
        arguments = question.arguments()
        told = await self.computations.answer(
            ("explain", question), lambda: self.workspace.explain(*ids, **arguments)
        )
        return json_answer(told.to_dict())

    async def metrics(self, _request: WebRequest) -> Response:
        """All KPIs for a scraper."""
        report = await self.report(WebQuestion(self.ids, everything=not self.ids))
        return text_answer(self.written(report, "openmetrics"), OPENMETRICS)

    async def health(self, _request: WebRequest) -> Response:
        """The server runs."""
        return json_answer({"status": "ok"})

    def written(self, report: Report, form: str) -> str:
        """A report in one of the installed formats.

        Args:
            report: what to write.
            form: the name of the format, such as ``csv``.
        """
        return self.workspace.registry.reports[form].render(report, False)


def known(workspace: Workspace, name: str) -> str:
    """The id of the KPI that a path names.

    Args:
        workspace: where the KPIs are.
        name: an id or a dictionary name, as the path has it.

    Raises:
        UnknownKpiPathError: there is none.
    """
    try:
        (kpi_id,) = workspace.registry.resolve([name])
    except UnknownNameError as error:
        raise UnknownKpiPathError(error.message) from error
    return kpi_id
