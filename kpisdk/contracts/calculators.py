"""Python functions from inputs to an estimate, for what no aggregate can say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from kpisdk.contracts.certainty import Intervals
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.expression_tree import Expression
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.relations import Relation
from kpisdk.contracts.sampling import UNDECLARED, Sampling
from kpisdk.contracts.time_windows import Window, WindowRule
from kpisdk.errors import DefinitionError, Problem, UnknownNameError


@attrs.frozen
class FrameInput:
    """Rows that a calculator asks for: just the named columns of a relation, as a pandas frame.

    ``windowed`` rows lie in the request's window; ``sliced`` rows lie in the request's slice (a
    reference table that no slice applies to says ``sliced=False``). ``optional`` columns are left
    out where the source does not have them.
    """

    name: str
    relation: Relation
    columns: tuple[str, ...]
    where: Expression | None = None
    windowed: bool = True
    sliced: bool = True
    optional: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        for name in (*self.columns, *self.optional):
            _ = self.relation[name]  # raises for an unknown column


@attrs.frozen
class Extension:
    """What one plugin of a workspace brings through a hook that another plugin specifies.

    ``records`` are what the hook yielded; ``error`` says why there are none, where it failed.
    """

    plugin: str
    distribution: str
    version: str
    records: tuple[Any, ...] = ()
    error: str | None = None


Extensions: TypeAlias = Callable[[str], tuple[Extension, ...]]
"""From the name of a hook to what the plugins of one workspace bring through it, in their order."""


def no_extensions(_hook: str) -> tuple[Extension, ...]:
    """Where there is no workspace, nobody extends anything."""
    return ()


@attrs.frozen
class Inputs:
    """What a calculator receives for one slice: frames by name, parameters, settings, time.

    ``frames`` are copies: a calculator may change them. ``parameters`` are those of the request,
    defaults filled in; ``settings`` is the plugin's own settings record, or ``None``.
    ``extensions("their_hook")`` gives what the plugins of the same workspace bring through a hook;
    the calculator names that hook in ``Calculator.extensions``, or its result is not kept.

    ``sampling`` is what the rows count as a sample of in this request: what the record, the
    settings and the request say, and rows where the source lacks the column of the units.
    ``intervals`` is what the request wants; where it is ``none`` an interval is worked out in vain.
    ``unit_values`` has, for each frame that ``Calculator.units`` names, the unit of each row as the
    source holds it (a pandas series, or ``None`` where every row is a unit); :meth:`units` makes
    codes of them.
    """

    frames: Mapping[str, Any]
    parameters: Mapping[str, Any]
    settings: Any
    window: Window | None
    as_of: Any
    slice: Mapping[str, Any] = attrs.field(factory=dict)
    extensions: Extensions = attrs.field(default=no_extensions, repr=False, eq=False)
    sampling: Sampling = UNDECLARED
    intervals: Intervals = Intervals.UNIT
    unit_values: Mapping[str, Any] = attrs.field(factory=dict, repr=False, eq=False)

    def units(self, name: str) -> Any:
        """The unit of each row of a frame, as codes 0 to g - 1: a numpy array, shape ``(n,)``.

        A row without a unit is one of its own, and so is every row where rows are the units.

        Args:
            name: the frame, which ``Calculator.units`` names as well.

        Raises:
            UnknownNameError: there is no such frame.
        """
        if name not in self.frames:
            raise UnknownNameError("frame", name, tuple(self.frames))
        values = self.unit_values.get(name)
        if values is None:
            return self.frames[name].reset_index(drop=True).index.to_numpy()
        codes, names = values.factorize()
        alone = codes < 0
        codes[alone] = range(len(names), len(names) + int(alone.sum()))
        return codes


Asks: TypeAlias = (
    tuple[FrameInput, ...] | Callable[[Mapping[str, Any], Any], tuple[FrameInput, ...]]
)
"""The inputs of a calculator, or a function of (parameters, settings) that names them."""


def _names(given: Iterable[str] | str) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@attrs.frozen
class Calculator:
    """A Python function from :class:`Inputs` to an :class:`~kpisdk.contracts.estimates.Estimate`.

    ``relation`` is the KPI's own base: what slices and windows apply to. ``inputs`` are read by the
    engine, in the same snapshot as everything else.

    A result is kept only as long as all that it depends on is named. ``reads`` gives, from
    (parameters, settings), the files and folders that the function reads: the engine looks whether
    they change. ``state`` gives the version of anything else (a server's, a variable's), or
    ``None`` where it cannot be told: what the function then answers is not kept. ``extensions``
    names the hooks that the function asks through ``Inputs.extensions``: who answers them, in
    which version and with which code, is part of what a kept result depends on. A function that is
    seen to read what is named by none of these answers, and its results are not kept.

    ``units`` names the inputs by whose units the function makes its interval: it takes them from
    ``Inputs.units`` (and a derived relation from ``Scope.unit``), so that settings and requests can
    choose them. The engine reads them, warns where they are not there, and names them in the
    interval. A function that knows its units itself names none, and nobody can choose others.

    What the function raises becomes an absent
    value with the reason ``calculator_failed`` (a :class:`~kpisdk.KpisdkError` keeps its sentence).
    """

    function: Callable[[Inputs], Estimate]
    inputs: Asks = ()
    relation: Relation | None = None
    state: Callable[[Mapping[str, Any], Any], str | None] | None = None
    extensions: tuple[str, ...] = attrs.field(default=(), converter=_names)
    reads: Callable[[Mapping[str, Any], Any], Iterable[str | Path]] | None = None
    units: tuple[str, ...] = attrs.field(default=(), converter=_names)

    def outside(self, parameters: Mapping[str, Any], settings: Any) -> tuple[str | Path, ...]:
        """The files and folders that it reads for these parameters."""
        named = () if self.reads is None else self.reads(parameters, settings)
        return (named,) if isinstance(named, str | Path) else tuple(named)

    def asks(self, parameters: Mapping[str, Any], settings: Any) -> tuple[FrameInput, ...]:
        """The inputs for these parameters."""
        return self.inputs(parameters, settings) if callable(self.inputs) else self.inputs


@attrs.frozen
class Option:
    """One of several ways to a KPI's value: its name (as results report it) and its calculation.

    ``window`` replaces the KPI's default window where this way has one of its own, and ``sampling``
    what its rows are a sample of (a figure that is stored, and computed otherwise).
    """

    name: str
    calculation: Metric | Calculator
    window: WindowRule | None = None
    sampling: Sampling | None = None


@attrs.frozen
class FirstOf:
    """The first option that yields a value, in order; the result names the one that answered.

    A parameter of the KPI called ``parameter`` forces one option. Where two options have a value
    and differ by more than ``tolerance``, the result carries a warning with both.
    """

    options: tuple[Option, ...]
    parameter: str = "source"
    tolerance: float | None = None

    def __attrs_post_init__(self) -> None:
        names = [option.name for option in self.options]
        if len(names) < 2 or len(set(names)) != len(names):
            raise DefinitionError("FirstOf", [Problem("options", f"needs distinct names: {names}")])


Calculation: TypeAlias = Metric | Calculator | FirstOf
"""What computes a KPI."""


def options_of(calculation: Calculation) -> tuple[Option, ...]:
    """The options of a calculation; a single one goes by the empty name."""
    return calculation.options if isinstance(calculation, FirstOf) else (Option("", calculation),)


def relations_of(calculation: Metric | Calculator) -> tuple[Relation, ...]:
    """The relations that a calculation reads (for a calculator: those of its static inputs)."""
    if isinstance(calculation, Calculator):
        own = () if calculation.relation is None else (calculation.relation,)
        asked = () if callable(calculation.inputs) else calculation.inputs
        found: list[Relation] = [*own, *(ask.relation for ask in asked)]
    else:
        found = [measure.relation for measure in calculation.measures().values()]
    return tuple(dict.fromkeys(found))
