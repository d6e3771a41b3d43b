"""Raw data that a request or the settings name: which columns, and the questions they ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk import Column, Dataset, FrameInput, LogicalType, Problem
from kpisdk_causal.errors import QuestionError
from kpisdk_causal.settings import CausalSettings

RAW = "raw"
"""Name of the input that holds the raw rows."""


def _or_defaults(given: CausalSettings | None) -> CausalSettings:
    return given or CausalSettings()


@attrs.frozen
class Named:
    """Parameters of a request, the settings behind them.

    Attributes:
        parameters: of the request, defaults filled in.
        settings: of the plugin; ``None`` stands for the defaults.
    """

    parameters: Mapping[str, Any]
    settings: CausalSettings = attrs.field(factory=CausalSettings, converter=_or_defaults)

    def get(self, name: str) -> Any:
        """The parameter, or the setting of its name, or ``None``."""
        value = self.parameters.get(name)
        return getattr(self.settings, name, None) if value is None else value

    def names(self, name: str) -> tuple[str, ...]:
        """A list of columns: a sequence, or text with commas."""
        value = self.get(name) or ()
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return tuple(str(part) for part in value)

    def need(self, name: str, why: str) -> str:
        """The parameter as text.

        Args:
            name: of the parameter.
            why: it is needed, for the message.

        Raises:
            QuestionError: neither the request nor the settings give it.
        """
        value = self.get(name)
        if value is None:
            fault = Problem(name, f"is needed to estimate from raw data: {why}")
            raise QuestionError("causal question", (fault,))
        return str(value)

    @property
    def is_raw(self) -> bool:
        """Whether the value is to be estimated from raw rows."""
        source = self.parameters.get("source")
        if source == "estimated":
            self.need("dataset", "the table with the raw rows")
        return source != "stored" and self.get("dataset") is not None


def raw_input(named: Named, columns: tuple[str, ...]) -> FrameInput:
    """The rows of the raw table in the window, with those of ``columns`` that it has.

    No plugin declares the table, so its columns keep the types of the source. All are optional
    here: the estimate names every one that is not there at once. Its time column is the one that
    ``time`` names, or the one that the dataset's own declaration has; without either the engine
    refuses a window and an as_of that are given.

    Args:
        named: the parameters and settings of the request.
        columns: those that are wanted.
    """
    dataset = named.need("dataset", "the table with the raw rows")
    time = named.get("time")
    kept = tuple(dict.fromkeys(columns))
    declared = tuple(Column(name, LogicalType.TEXT) for name in kept if name != time)
    if time is not None:
        declared = (*declared, Column(str(time), LogicalType.TIMESTAMP))
    table = Dataset(dataset, declared, time=time)
    return FrameInput(RAW, table, columns=(), optional=kept)
