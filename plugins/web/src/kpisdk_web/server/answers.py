"""Answers as JSON, text and pages; errors as typed JSON, without anything that is secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request as WebRequest
from starlette.responses import HTMLResponse, Response

from kpisdk import KpisdkError
from kpisdk.reporting import json_text, page
from kpisdk_web.server.folders import TEMPLATES
from kpisdk_web.server.server_errors import (
    BadTokenError,
    BusyError,
    ComputationTimeoutError,
    StillComputingError,
    code_of,
    status_of,
)

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

Redact = Callable[[str], str]


def json_answer(
    document: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A document as JSON; it is not kept by browsers, since numbers change.

    Args:
        document: plain values.
        status: of HTTP; 200 by default.
        headers: further ones.
    """
    return Response(
        json_text(document),
        status,
        {"cache-control": "no-store", **(headers or {})},
        "application/json",
    )


def text_answer(text: str, kind: str) -> Response:
    """A text of that media type.

    Args:
        text: the text.
        kind: its media type.
    """
    return Response(text, media_type=kind, headers={"cache-control": "no-store"})


def page_answer(text: str, status: int = 200) -> Response:
    """A page.

    Args:
        text: the page.
        status: of HTTP; 200 by default.
    """
    return HTMLResponse(text, status, {"cache-control": "no-store"})


def error_answer(error: KpisdkError, request: WebRequest, redact: Redact) -> Response:
    """An error: JSON for programs, a page for who wants one.

    Args:
        error: what went wrong.
        request: what was asked; its headers say whether a page is wanted.
        redact: takes what is secret out of a text.
    """
    status = status_of(error)
    headers = {}
    if isinstance(error, BadTokenError):
        headers["www-authenticate"] = 'Basic realm="kpisdk", charset="UTF-8"'
    if isinstance(error, BusyError | StillComputingError):
        headers["retry-after"] = "2"
    if status == 405:
        headers["allow"] = "GET, HEAD"
    message = redact(error.message)
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not request.url.path.startswith(("/api/", "/metrics", "/healthz")):
        # What takes too long goes on, so that a page that looks again finds it done.
        waits = isinstance(error, StillComputingError)
        again = 2 if waits else 5 * isinstance(error, ComputationTimeoutError | BusyError)
        text = page(
            "error_page.html",
            TEMPLATES,
            message=message,
            title="Computing" if waits else status,
            again=again,
            policy="",
        )
        answer = page_answer(text, status)
        answer.headers.update(headers)
        return answer
    return json_answer({"error": {"code": code_of(error), "message": message}}, status, headers)
