"""The description of the API, made of the same table that queries are read with."""

from __future__ import annotations

from typing import Any

from kpisdk_web.server.questions import PARAMETERS, QueryParameter

FAULTS = {
    "400": "The question has faults: all of them are listed.",
    "401": "The server wants a token.",
    "404": "There is no such KPI or path.",
    "413": "The request is too large.",
    "503": "Too many questions at a time, or the source does not answer.",
    "504": "The computation takes too long.",
}

PATHS = (
    ("/api/kpis", "All KPIs with their units, thresholds, owners and guardrails.", ("workstream",)),
    ("/api/kpis/{kpi}", "One KPI.", ()),
    (
        "/api/kpis/{kpi}/events",
        "What is remembered of it: restated values, changed definitions, alerts. As JSON or CSV.",
        ("format",),
    ),
    (
        "/api/compute",
        "Compute KPIs: the object of `kpisdk compute --format json`, or CSV.",
        tuple(each.name for each in PARAMETERS),
    ),
    (
        "/api/explain",
        "The statements that the same question would run.",
        tuple(each.name for each in PARAMETERS if each.name not in ("format", "max_groups")),
    ),
    ("/metrics", "All KPIs as OpenMetrics, for Prometheus.", ()),
    ("/healthz", "Whether the server runs; the source is not asked.", ()),
)
"""Each path, what it answers, and the parameters that it takes."""

_BY_NAME = {each.name: each for each in PARAMETERS}


def document(version: str) -> dict[str, Any]:
    """The API as OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "KPIs",
            "version": version,
            "description": "KPIs with their statuses, intervals and windows. Read-only.",
        },
        "paths": {path: {"get": _operation(text, names, path)} for path, text, names in PATHS},
        "components": {
            "schemas": {"Error": _ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "What scripts match: `unknown_name`."},
                "message": {"type": "string", "description": "One sentence, with the next step."},
            },
        }
    },
}


def _operation(text: str, names: tuple[str, ...], path: str) -> dict[str, Any]:
    kind = "application/openmetrics-text" if path == "/metrics" else "application/json"
    answers: dict[str, Any] = {"200": {"description": text, "content": {kind: {}}}}
    if "format" in names:
        answers["200"]["content"]["text/csv"] = {}
    schema = {"$ref": "#/components/schemas/Error"}
    for code, what in FAULTS.items():
        if path != "/healthz":
            answers[code] = {
                "description": what,
                "content": {"application/json": {"schema": schema}},
            }
    parameters = [_parameter(_BY_NAME[name]) for name in names]
    if "{kpi}" in path:
        parameters.append(
            {
                "name": "kpi",
                "in": "path",
                "required": True,
                "description": "A KPI's id or name.",
                "schema": {"type": "string"},
            }
        )
    return {"summary": text, "parameters": parameters, "responses": answers}


def _parameter(told: QueryParameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": told.kind}
    if told.choices and told.kind == "string":
        schema["enum"] = list(told.choices)
    if told.repeats:
        schema = {"type": "array", "items": schema}
    return {
        "name": told.name,
        "in": "query",
        "required": False,
        "description": told.text,
        "schema": schema,
        **({"explode": True} if told.repeats else {}),
    }
