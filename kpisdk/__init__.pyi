from kpisdk.cli.installation import command_workspace as command_workspace
from kpisdk.contracts.cache_backends import (
    Cache as Cache,
    CacheBackend as CacheBackend,
    CacheEntry as CacheEntry,
)
from kpisdk.contracts.calculators import (
    Calculation as Calculation,
    Calculator as Calculator,
    Extension as Extension,
    FirstOf as FirstOf,
    FrameInput as FrameInput,
    Inputs as Inputs,
    Option as Option,
)
from kpisdk.contracts.calendar_steps import Step as Step
from kpisdk.contracts.certainty import Intervals as Intervals
from kpisdk.contracts.datasets import (
    NAME_PATTERN as NAME_PATTERN,
    Column as Column,
    Dataset as Dataset,
    Reference as Reference,
)
from kpisdk.contracts.estimates import (
    Estimate as Estimate,
    Interval as Interval,
    Note as Note,
    few_rows as few_rows,
)
from kpisdk.contracts.expression_tree import (
    AsOf as AsOf,
    Expression as Expression,
    ParameterRef as ParameterRef,
)
from kpisdk.contracts.file_identity import file_identity as file_identity
from kpisdk.contracts.follow_up import FollowUp as FollowUp
from kpisdk.contracts.governance import Governance as Governance, Guardrail as Guardrail
from kpisdk.contracts.kpi_examples import (
    Example as Example,
    Expected as Expected,
    cell_fault as cell_fault,
    with_referenced as with_referenced,
)
from kpisdk.contracts.kpis import (
    KPI_ID_PATTERN as KPI_ID_PATTERN,
    Kpi as Kpi,
    Parameter as Parameter,
    RequiredSlice as RequiredSlice,
)
from kpisdk.contracts.manifest import (
    Manifest as Manifest,
    StatementReceipt as StatementReceipt,
)
from kpisdk.contracts.measures import (
    Aggregate as Aggregate,
    Measure as Measure,
    count as count,
    count_distinct as count_distinct,
    maximum as maximum,
    mean as mean,
    median as median,
    minimum as minimum,
    quantile as quantile,
    total as total,
    variance as variance,
)
from kpisdk.contracts.metric_protocol import Metric as Metric, Values as Values, behind as behind
from kpisdk.contracts.metrics import Lift as Lift, Mean as Mean, Median as Median, Ratio as Ratio
from kpisdk.contracts.plain_metrics import (
    Difference as Difference,
    Formula as Formula,
    Simple as Simple,
)
from kpisdk.contracts.relations import (
    Derived as Derived,
    Relation as Relation,
    Scope as Scope,
    WindowUse as WindowUse,
)
from kpisdk.contracts.report_formats import ReportFormat as ReportFormat
from kpisdk.contracts.requests import Request as Request
from kpisdk.contracts.results import (
    Report as Report,
    Result as Result,
    SourceIdentity as SourceIdentity,
)
from kpisdk.contracts.sampling import (
    CENSUS as CENSUS,
    STORED as STORED,
    Sampling as Sampling,
    SamplingKind as SamplingKind,
    sample as sample,
    sample_by_day as sample_by_day,
)
from kpisdk.contracts.source_kinds import (
    IdentifiedSession as IdentifiedSession,
    PhysicalColumn as PhysicalColumn,
    Session as Session,
    Source as Source,
    SourceKind as SourceKind,
    SourceOptions as SourceOptions,
    WritableSource as WritableSource,
    Writer as Writer,
)
from kpisdk.contracts.thresholds import Thresholds as Thresholds
from kpisdk.contracts.time_windows import (
    NewestDay as NewestDay,
    Window as Window,
    WindowRule as WindowRule,
)
from kpisdk.contracts.trailing_windows import Last as Last, Trailing as Trailing
from kpisdk.contracts.translations import Language as Language, Translation as Translation
from kpisdk.contracts.unit_moments import UnitMoments as UnitMoments
from kpisdk.contracts.value_ranges import ValueRange as ValueRange
from kpisdk.contracts.view_columns import (
    Breakdown as Breakdown,
    ViewColumn as ViewColumn,
    ViewFigure as ViewFigure,
)
from kpisdk.contracts.vocabulary import (
    CalculationType as CalculationType,
    Direction as Direction,
    Frequency as Frequency,
    Grain as Grain,
    IntervalReason as IntervalReason,
    LogicalType as LogicalType,
    Reason as Reason,
    Status as Status,
    Unit as Unit,
)
from kpisdk.contracts.workspace_methods import WorkspaceMethod as WorkspaceMethod
from kpisdk.errors import (
    BadValueError as BadValueError,
    CacheError as CacheError,
    ConnectionLostError as ConnectionLostError,
    DefinitionError as DefinitionError,
    DefinitionFileError as DefinitionFileError,
    KpisdkError as KpisdkError,
    MissingDependencyError as MissingDependencyError,
    Problem as Problem,
    ProblemsError as ProblemsError,
    QueryError as QueryError,
    ReadError as ReadError,
    SettingsError as SettingsError,
    SourceUnavailableError as SourceUnavailableError,
    StatementTimeoutError as StatementTimeoutError,
    UnknownNameError as UnknownNameError,
    UnsupportedByEngineError as UnsupportedByEngineError,
    UsageError as UsageError,
    listed as listed,
    nearest as nearest,
    quoted as quoted,
)
from kpisdk.guardrails import (
    Change as Change,
    Contrast as Contrast,
    GuardrailReport as GuardrailReport,
    Movement as Movement,
    Reversal as Reversal,
    Verdict as Verdict,
)
from kpisdk.hookspecs import hookimpl as hookimpl, hookspec as hookspec
from kpisdk.plugins.definition_files import read_kpis as read_kpis
from kpisdk.registry.kpi_dictionary import dictionary_of as dictionary_of
from kpisdk.settings import (
    Seconds as Seconds,
    Settings as Settings,
    parse_seconds as parse_seconds,
)
from kpisdk.windows import (
    is_date as is_date,
    parse_instant as parse_instant,
    parse_window as parse_window,
)
from kpisdk.workspace import Workspace as Workspace
