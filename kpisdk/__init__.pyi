from kpisdk.cli.installation import (
    command_workspace as command_workspace,
)
from kpisdk.contracts.caches import (
    Cache as Cache,
)
from kpisdk.contracts.caches import (
    CacheBackend as CacheBackend,
)
from kpisdk.contracts.caches import (
    CacheEntry as CacheEntry,
)
from kpisdk.contracts.caches import (
    ReportFormat as ReportFormat,
)
from kpisdk.contracts.calculators import (
    Calculator as Calculator,
)
from kpisdk.contracts.calculators import (
    Extension as Extension,
)
from kpisdk.contracts.calculators import (
    FirstOf as FirstOf,
)
from kpisdk.contracts.calculators import (
    FrameInput as FrameInput,
)
from kpisdk.contracts.calculators import (
    Inputs as Inputs,
)
from kpisdk.contracts.calculators import (
    Option as Option,
)
from kpisdk.contracts.datasets import (
    Column as Column,
)
from kpisdk.contracts.datasets import (
    Dataset as Dataset,
)
from kpisdk.contracts.datasets import (
    Reference as Reference,
)
from kpisdk.contracts.estimates import (
    Estimate as Estimate,
)
from kpisdk.contracts.estimates import (
    Interval as Interval,
)
from kpisdk.contracts.estimates import (
    Note as Note,
)
from kpisdk.contracts.examples import (
    Example as Example,
)
from kpisdk.contracts.examples import (
    Expected as Expected,
)
from kpisdk.contracts.expressions import (
    AsOf as AsOf,
)
from kpisdk.contracts.expressions import (
    Expression as Expression,
)
from kpisdk.contracts.expressions import (
    ParameterRef as ParameterRef,
)
from kpisdk.contracts.file_identity import (
    file_identity as file_identity,
)
from kpisdk.contracts.kpis import (
    Governance as Governance,
)
from kpisdk.contracts.kpis import (
    Guardrail as Guardrail,
)
from kpisdk.contracts.kpis import (
    Kpi as Kpi,
)
from kpisdk.contracts.kpis import (
    Parameter as Parameter,
)
from kpisdk.contracts.kpis import (
    RequiredSlice as RequiredSlice,
)
from kpisdk.contracts.measures import (
    Measure as Measure,
)
from kpisdk.contracts.measures import (
    count as count,
)
from kpisdk.contracts.measures import (
    count_distinct as count_distinct,
)
from kpisdk.contracts.measures import (
    maximum as maximum,
)
from kpisdk.contracts.measures import (
    mean as mean,
)
from kpisdk.contracts.measures import (
    median as median,
)
from kpisdk.contracts.measures import (
    minimum as minimum,
)
from kpisdk.contracts.measures import (
    quantile as quantile,
)
from kpisdk.contracts.measures import (
    total as total,
)
from kpisdk.contracts.measures import (
    variance as variance,
)
from kpisdk.contracts.metrics import (
    Difference as Difference,
)
from kpisdk.contracts.metrics import (
    Formula as Formula,
)
from kpisdk.contracts.metrics import (
    Lift as Lift,
)
from kpisdk.contracts.metrics import (
    Mean as Mean,
)
from kpisdk.contracts.metrics import (
    Median as Median,
)
from kpisdk.contracts.metrics import (
    Metric as Metric,
)
from kpisdk.contracts.metrics import (
    Ratio as Ratio,
)
from kpisdk.contracts.metrics import (
    Simple as Simple,
)
from kpisdk.contracts.metrics import (
    Values as Values,
)
from kpisdk.contracts.relations import (
    Derived as Derived,
)
from kpisdk.contracts.relations import (
    Relation as Relation,
)
from kpisdk.contracts.relations import (
    Scope as Scope,
)
from kpisdk.contracts.relations import (
    WindowUse as WindowUse,
)
from kpisdk.contracts.requests import (
    Request as Request,
)
from kpisdk.contracts.results import (
    Report as Report,
)
from kpisdk.contracts.results import (
    Result as Result,
)
from kpisdk.contracts.results import (
    SourceIdentity as SourceIdentity,
)
from kpisdk.contracts.sources import (
    IdentifiedSession as IdentifiedSession,
)
from kpisdk.contracts.sources import (
    PhysicalColumn as PhysicalColumn,
)
from kpisdk.contracts.sources import (
    Session as Session,
)
from kpisdk.contracts.sources import (
    Source as Source,
)
from kpisdk.contracts.sources import (
    SourceKind as SourceKind,
)
from kpisdk.contracts.sources import (
    SourceOptions as SourceOptions,
)
from kpisdk.contracts.sources import (
    WritableSource as WritableSource,
)
from kpisdk.contracts.sources import (
    Writer as Writer,
)
from kpisdk.contracts.thresholds import (
    Thresholds as Thresholds,
)
from kpisdk.contracts.views import (
    Breakdown as Breakdown,
)
from kpisdk.contracts.views import (
    ViewColumn as ViewColumn,
)
from kpisdk.contracts.views import (
    ViewFigure as ViewFigure,
)
from kpisdk.contracts.vocabulary import (
    Direction as Direction,
)
from kpisdk.contracts.vocabulary import (
    Frequency as Frequency,
)
from kpisdk.contracts.vocabulary import (
    Grain as Grain,
)
from kpisdk.contracts.vocabulary import (
    LogicalType as LogicalType,
)
from kpisdk.contracts.vocabulary import (
    Reason as Reason,
)
from kpisdk.contracts.vocabulary import (
    Status as Status,
)
from kpisdk.contracts.vocabulary import (
    Unit as Unit,
)
from kpisdk.contracts.windows import (
    NewestDay as NewestDay,
)
from kpisdk.contracts.windows import (
    Trailing as Trailing,
)
from kpisdk.contracts.windows import (
    Window as Window,
)
from kpisdk.definitions.reading import (
    read_kpis as read_kpis,
)
from kpisdk.errors import (
    BadValueError as BadValueError,
)
from kpisdk.errors import (
    CacheError as CacheError,
)
from kpisdk.errors import (
    ConnectionLostError as ConnectionLostError,
)
from kpisdk.errors import (
    DefinitionError as DefinitionError,
)
from kpisdk.errors import (
    DefinitionFileError as DefinitionFileError,
)
from kpisdk.errors import (
    KpisdkError as KpisdkError,
)
from kpisdk.errors import (
    MissingDependencyError as MissingDependencyError,
)
from kpisdk.errors import (
    Problem as Problem,
)
from kpisdk.errors import (
    ProblemsError as ProblemsError,
)
from kpisdk.errors import (
    QueryError as QueryError,
)
from kpisdk.errors import (
    ReadError as ReadError,
)
from kpisdk.errors import (
    SettingsError as SettingsError,
)
from kpisdk.errors import (
    SourceUnavailableError as SourceUnavailableError,
)
from kpisdk.errors import (
    StatementTimeoutError as StatementTimeoutError,
)
from kpisdk.errors import (
    UnknownNameError as UnknownNameError,
)
from kpisdk.errors import (
    UnsupportedByEngineError as UnsupportedByEngineError,
)
from kpisdk.errors import (
    UsageError as UsageError,
)
from kpisdk.guardrails import (
    Change as Change,
)
from kpisdk.guardrails import (
    Contrast as Contrast,
)
from kpisdk.guardrails import (
    GuardrailReport as GuardrailReport,
)
from kpisdk.guardrails import (
    Movement as Movement,
)
from kpisdk.guardrails import (
    Reversal as Reversal,
)
from kpisdk.guardrails import (
    Verdict as Verdict,
)
from kpisdk.hookspecs import (
    hookimpl as hookimpl,
)
from kpisdk.hookspecs import (
    hookspec as hookspec,
)
from kpisdk.registry.dictionary import (
    dictionary_of as dictionary_of,
)
from kpisdk.settings import (
    Seconds as Seconds,
)
from kpisdk.settings import (
    Settings as Settings,
)
from kpisdk.workspace import (
    Workspace as Workspace,
)
