"""The application: routes over a workspace, behind the guard, every fault as a typed answer."""

from __future__ import annotations

import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as WebRequest
from starlette.responses import Response

from kpisdk import KpisdkError, Workspace
from kpisdk_web.remembered import Memory
from kpisdk_web.server.answers import error_answer
from kpisdk_web.server.api_endpoints import Api
from kpisdk_web.server.computations import Computations
from kpisdk_web.server.guard import Admission, App, Guard, Receive, Scope, Send
from kpisdk_web.server.page_endpoints import Pages
from kpisdk_web.server.server_errors import FaultError, ReadOnlyError, UnknownPathError


def application(
    workspace: Workspace,
    admission: Admission,
    computations: Computations,
    ids: tuple[str, ...] = (),
    memory: Memory | None = None,
) -> App:
    """The server as an ASGI application.

    Args:
        workspace: where the KPIs are; it is asked from several threads.
        admission: who is let in.
        computations: what computes.
        ids: the KPIs of the scorecard and of the metrics; none: all.
        memory: where what is remembered is looked for; by default as the settings say.
    """
    memory = memory or Memory()
    redact = workspace.settings.redact

    async def told(request: WebRequest, error: Exception) -> Response:
        assert isinstance(error, KpisdkError)  # noqa: S101 - Starlette calls it for nothing else
        return error_answer(error, request, redact)

    async def http(request: WebRequest, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        fault = ReadOnlyError if status == 405 else UnknownPathError
        given = request.method if status == 405 else request.url.path
        return error_answer(fault(given[:200]), request, redact)

    async def unforeseen(request: WebRequest, error: Exception) -> Response:
        # The trace is for who runs the server; who asks learns that it is a fault of ours.
        sys.stderr.write(redact("".join(traceback.format_exception(error))))
        return error_answer(FaultError(type(error).__name__), request, redact)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        computations.close()

    routes = [
        *Api(workspace, computations, ids, memory).routes(),
        *Pages(workspace, computations, ids, memory).routes(),
    ]
    inner = Starlette(
        routes=routes,
        exception_handlers={KpisdkError: told, HTTPException: http, Exception: unforeseen},
        lifespan=lifespan,
    )

    def refused(error: KpisdkError) -> App:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await error_answer(error, WebRequest(scope), redact)(scope, receive, send)

        return answer

    return Guard(inner, admission, refused)
