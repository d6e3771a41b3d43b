"""Identity, calculation, judgement, time, parameters and governance in one record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs

from kpisdk.contracts.calculators import Calculation, Calculator, Option, options_of, relations_of
from kpisdk.contracts.datasets import NAME_PATTERN, Dataset, merged
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.expression_tree import fits
from kpisdk.contracts.extent import is_extensive
from kpisdk.contracts.follow_up import FollowUp, follow_up
from kpisdk.contracts.governance import Governance, Guardrail
from kpisdk.contracts.kpi_examples import Example
from kpisdk.contracts.metrics import Lift
from kpisdk.contracts.relations import datasets_of
from kpisdk.contracts.sampling import UNDECLARED, Sampling
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Matured, NewestDay, WindowRule
from kpisdk.contracts.value_ranges import ValueRange, range_of_unit
from kpisdk.contracts.view_columns import ViewColumn
from kpisdk.contracts.vocabulary import (
    CalculationType,
    Direction,
    Frequency,
    LogicalType,
    Unit,
)
from kpisdk.errors import DefinitionError, Problem, listed

KPI_ID_PATTERN = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
"""The form of an id, capital words and numbers joined by hyphens, such as ``WS2-TR-004``."""


@attrs.frozen
class Parameter:
    """A named argument of a KPI: type, default, choices, and what it means.

    ``binds`` names a slice column whose filter sets the parameter (a brand's share: filtering on
    brand binds the numerator only).
    """

    name: str
    type: LogicalType = attrs.field(converter=LogicalType)
    description: str = ""
    default: Any = None
    choices: tuple[Any, ...] = ()
    minimum: float | None = None

    def fault(self, value: Any) -> str | None:
        """What is wrong with a value for this parameter, or ``None``."""
        if not fits(value, self.type):
            return f"{str(value)[:80]!r} is not {self.type.value}"
        if self.choices and value not in self.choices:
            return f"{str(value)[:80]!r} is not one of {', '.join(map(str, self.choices))}"
        if self.minimum is not None and value < self.minimum:
            return f"{value} is below {self.minimum:g}"
        return None


@attrs.frozen
class RequiredSlice:
    """A column that the request must filter or group by, and what the KPI is without it.

    ``otherwise`` is the value that the KPI's own definition fixes for that case (with ``note``);
    ``None`` makes the value absent with the reason ``missing_parameter``.
    """

    column: str
    otherwise: float | None = None
    note: Note | None = None


def _calculation_type(value: CalculationType | str | None) -> CalculationType | None:
    return None if value is None else CalculationType(value)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _formula_of(calculation: Calculation) -> str:
    """The words of a calculation; none of one in Python, whose author is to say what it does."""
    from kpisdk.contracts.calculation_text import formula_words  # most records say it themselves

    return "" if isinstance(calculation, Calculator) else formula_words(calculation)


@attrs.frozen(kw_only=True)
class Kpi:
    """One KPI: everything there is to know about it, with its calculation in it.

    ``window`` is the default window (``None``: the KPI has no time filter at all); ``clock`` makes
    the default as-of the clock instead of the data frontier. ``refuses`` maps slice columns that
    the KPI cannot honour to the reason why; ``dimensions``, where given, names the only columns
    that may slice it. ``slug`` is the snake-case name of its dictionary row. ``version`` changes
    when the author changes what the KPI means. ``extensive`` says whether its value grows with its
    window and population (:attr:`is_extensive`), where that does not follow from the calculation.
    ``follow_up`` says how many days after a row something can still follow it: the default window
    lies so much earlier (:attr:`default_window`). ``examples`` are no part of that meaning:
    ``kpisdk test`` runs them. ``value_range`` is where its values can lie, if not where those
    of its unit do (a ratio between 0 and 1): a value outside is reported with a warning.
    ``sampling`` is what the rows are a sample of (:meth:`sampling_of` where an option has its own).
    ``formula`` is by default what the calculation says of itself; one in Python needs words.
    ``calculation_type`` says whether the value is direct or derived, and ``primary_library`` which
    library its author names first for it, where one estimates it; ``None`` where that is not said.

    Raises:
        DefinitionError: all faults of the record at once.
    """

    id: str
    name: str
    workstream: str
    definition: str
    calculation: Calculation
    formula: str = attrs.field(
        default=attrs.Factory(lambda self: _formula_of(self.calculation), takes_self=True)
    )
    unit: Unit = attrs.field(converter=Unit)
    direction: Direction = attrs.field(default=Direction.HIGHER, converter=Direction)
    frequency: Frequency = attrs.field(default=Frequency.DAILY, converter=Frequency)
    calculation_type: CalculationType | None = attrs.field(
        default=None, converter=_calculation_type
    )
    primary_library: str | None = None
    target: float | None = None
    warning: float | None = None
    critical: float | None = None
    window: WindowRule | None = None
    clock: bool = False
    extensive: bool | None = None
    follow_up: FollowUp | None = attrs.field(default=None, converter=follow_up)
    base: Dataset | None = None
    time_of: Dataset | None = None
    parameters: tuple[Parameter, ...] = ()
    requires: RequiredSlice | None = None
    refuses: Mapping[str, str] = attrs.field(factory=dict)
    dimensions: tuple[str, ...] | None = None
    guardrails: tuple[Guardrail, ...] = ()
    governance: Governance = attrs.field(factory=Governance)
    translations: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)
    view: ViewColumn | None = None
    brand: str | None = None
    slug: str = attrs.field(default=attrs.Factory(lambda self: _slug(self.name), takes_self=True))
    value_range: ValueRange | None = None
    sampling: Sampling = UNDECLARED
    version: str = "1"
    examples: tuple[Example, ...] = attrs.field(default=(), eq=False)
    thresholds: Thresholds | None = attrs.field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        problems = [
            Problem(field, f"{value!r} is not {form}")
            for field, value, form, pattern in (
                ("id", self.id, "of the form WS2-TR-004", KPI_ID_PATTERN),
                ("workstream", self.workstream, "snake case", NAME_PATTERN),
                ("slug", self.slug, "snake case", NAME_PATTERN),
            )
            if not pattern.fullmatch(value)
        ]
        problems += [
            Problem(field, "is empty")
            for field in ("name", "definition", "formula", "primary_library")
            if (text := getattr(self, field)) is not None and not text.strip()
        ]
        problems += self._bounds()
        names = [parameter.name for parameter in self.parameters]
        problems += [
            Problem(f"parameters.{parameter.name}", fault)
            for parameter in self.parameters
            if parameter.default is not None and (fault := parameter.fault(parameter.default))
        ]
        used: set[str] = set()
        for option in options_of(self.calculation):
            if hasattr(option.calculation, "measures"):
                for measure in option.calculation.measures().values():
                    used |= measure.parameters
        problems += [
            Problem(f"parameters.{name}", "is used by a measure and not declared")
            for name in sorted(used.difference(names))
        ]
        if self.window is not None and self.time_dataset is None:
            problems.append(Problem("window", "needs a dataset with a time column"))
        if self.follow_up is not None and (
            self.window is None or isinstance(self.window, NewestDay)
        ):
            problems.append(Problem("follow_up", "needs a window of rows that something follows"))
        problems += self._sampling_faults()
        if self.view is not None:
            problems += self.view.faults(self.calculation)
        for place, example in enumerate(self.examples, start=1):
            problems += [
                Problem(f"examples.{place}.{fault.where}", fault.what)
                for fault in example.faults(self.datasets)
            ]
            if self.clock and example.as_of is None:
                what = "is needed: the KPI goes by the clock, and the example would too"
                problems.append(Problem(f"examples.{place}.as_of", what))
        if problems:
            raise DefinitionError(f"KPI {self.id!r}", problems)

    def _bounds(self) -> list[Problem]:
        target, warning, critical = self.target, self.warning, self.critical
        if target is None and warning is None and critical is None:
            return []
        if target is None or warning is None or critical is None:
            return [Problem("target, warning, critical", "give all three, or none")]
        try:
            thresholds = Thresholds(target, warning, critical, self.direction)
        except DefinitionError as error:
            return list(error.problems)
        object.__setattr__(self, "thresholds", thresholds)
        return []

    def sampling_of(self, option: Option) -> Sampling:
        """What the rows behind an option's value are a sample of: its own, or else the KPI's."""
        return self.sampling if option.sampling is None else option.sampling

    def _sampling_faults(self) -> list[Problem]:
        """The units that no relation of an option has; what calculators read is their own."""
        return [
            Problem(f"sampling of {option.name!r}" if option.name else "sampling", fault)
            for option in options_of(self.calculation)
            if not isinstance(option.calculation, Calculator)
            and (fault := self.sampling_of(option).fault(relations_of(option.calculation)))
        ]

    @property
    def possible(self) -> ValueRange:
        """The values that the KPI can have, as it says or as its unit has them.

        A ratio is a share and lies within 0 and 1; a lift, which is none, is -1 or more.
        """
        if self.value_range is not None:
            return self.value_range
        is_lift = any(isinstance(each.calculation, Lift) for each in options_of(self.calculation))
        return ValueRange(-1) if is_lift else range_of_unit(self.unit)

    def refusal(self, column: str) -> str | None:
        """Why the KPI is not to be sliced by that column, or ``None``."""
        if self.dimensions is not None and column not in self.dimensions:
            return f"its definition allows {listed(self.dimensions) or 'no dimensions'}"
        return self.refuses.get(column)

    @property
    def default_window(self) -> WindowRule | None:
        """The window where none is given; before what follows its rows had no time to happen."""
        if self.window is None or self.follow_up is None:
            return self.window
        return Matured(self.window, self.follow_up.wait())

    @property
    def is_extensive(self) -> bool:
        """Whether the value grows with window and population, as counts and sums do."""
        if self.extensive is not None:
            return self.extensive
        return is_extensive(self.calculation, self.unit)

    @cached_property
    def own_base(self) -> Dataset | None:
        """The dataset whose columns can slice the KPI (declared, or its first relation's)."""
        if self.base is not None:
            return self.base
        for option in options_of(self.calculation):
            for relation in relations_of(option.calculation):
                return relation.base
        return None

    @property
    def time_dataset(self) -> Dataset | None:
        """The dataset whose time column windows and freshness refer to, if it has one."""
        dataset = self.time_of or self.own_base
        return dataset if dataset is not None and dataset.time is not None else None

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """All datasets that the KPI's static inputs read, its base first, each table once."""
        found = [] if self.own_base is None else [self.own_base]
        for option in options_of(self.calculation):
            for relation in relations_of(option.calculation):
                found += datasets_of(relation)
        tables: dict[str, Dataset] = {}
        for dataset in found:
            tables[dataset.name] = merged(tables.get(dataset.name, dataset), dataset)
        return tuple(tables.values())

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name, if the KPI has it."""
        return next((each for each in self.parameters if each.name == name), None)
