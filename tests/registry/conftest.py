"""What the tests of this folder share: small KPIs, and plugins that bring what they are told."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.measures import count
from kpisdk.contracts.plain_metrics import Simple
from kpisdk.registry import Registry

EVENTS = Dataset("events", (Column("event_id", "text", key=True), Column("at", "timestamp")), "at")


@attrs.define(eq=False)
class Plugin:
    """A plugin whose hooks answer with what they were given, or by calling it."""

    name: str
    answers: dict[str, Any]
    distribution: str
    version: str = "1.0"
    state: str = "active"
    error: str | None = None
    cause: BaseException | None = None
    remarks: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.distribution} {self.version}"

    def implements(self, hook: str) -> bool:
        return hook in self.answers

    def ask(self, hook: str, **arguments: Any) -> Any:
        answer = self.answers.get(hook)
        return answer(**arguments) if isinstance(answer, Callable) else answer

    def fail(self, where: str, error: BaseException) -> None:
        self.state, self.error = "failed", f"{where}: {error}"


@pytest.fixture
def make_kpi():
    """A small KPI with this id; anything of its record can be said otherwise."""

    def make(kpi_id: str, dataset: Dataset = EVENTS, **changes: Any) -> Kpi:
        record = {
            "id": kpi_id,
            "name": f"Name of {kpi_id}",
            "workstream": "ws2_triggers",
            "definition": "How many events there are.",
            "formula": "count",
            "calculation": Simple(count(dataset)),
            "unit": "count",
        }
        return Kpi(**{**record, **changes})

    return make


@pytest.fixture
def make_plugin():
    """A plugin that brings these KPIs, or answers these hooks."""

    def make(name: str, *kpis: Any, version: str = "1.0", **answers: Any) -> Plugin:
        if kpis:
            answers["kpisdk_kpis"] = list(kpis)
        return Plugin(name, answers, f"kpisdk-{name}", version)

    return make


@pytest.fixture
def registry_of():
    """The registry of these plugins."""

    def make(*plugins: Plugin) -> Registry:
        return Registry(plugins)

    return make
