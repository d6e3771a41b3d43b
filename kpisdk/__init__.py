"""The facade: everything that a user or a plugin author imports.

Names are looked up when they are first used, so that importing ``kpisdk`` stays cheap and a plugin
pays only for what it names.
"""

from importlib import import_module

_HOMES = {
    "kpisdk.cli.installation": "command_workspace",
    "kpisdk.contracts.cache_backends": "Cache CacheBackend CacheEntry",
    "kpisdk.contracts.calendar_steps": "Step",
    "kpisdk.contracts.calculators": (
        "Calculation Calculator Extension FirstOf FrameInput Inputs Option"
    ),
    "kpisdk.contracts.certainty": "Intervals",
    "kpisdk.contracts.datasets": "Column Dataset NAME_PATTERN Reference",
    "kpisdk.contracts.estimates": "Estimate Interval Note few_rows",
    "kpisdk.contracts.expression_tree": "AsOf Expression ParameterRef",
    "kpisdk.contracts.file_identity": "file_identity",
    "kpisdk.contracts.follow_up": "FollowUp",
    "kpisdk.contracts.governance": "Governance Guardrail",
    "kpisdk.contracts.kpi_examples": "Example Expected cell_fault with_referenced",
    "kpisdk.contracts.kpis": "KPI_ID_PATTERN Kpi Parameter RequiredSlice",
    "kpisdk.contracts.manifest": "Manifest StatementReceipt",
    "kpisdk.contracts.measures": (
        "Aggregate Measure count count_distinct maximum mean median minimum quantile total variance"
    ),
    "kpisdk.contracts.metric_protocol": "Metric Values behind",
    "kpisdk.contracts.metrics": "Lift Mean Median Ratio",
    "kpisdk.contracts.plain_metrics": "Difference Formula Simple",
    "kpisdk.contracts.relations": "Derived Relation Scope WindowUse",
    "kpisdk.contracts.report_formats": "ReportFormat",
    "kpisdk.contracts.requests": "Request",
    "kpisdk.contracts.results": "Report Result SourceIdentity",
    "kpisdk.contracts.sampling": "CENSUS STORED Sampling SamplingKind sample sample_by_day",
    "kpisdk.contracts.source_kinds": (
        "IdentifiedSession PhysicalColumn Session Source SourceKind SourceOptions "
        "WritableSource Writer"
    ),
    "kpisdk.contracts.thresholds": "Thresholds",
    "kpisdk.contracts.time_windows": "NewestDay Window WindowRule",
    "kpisdk.contracts.trailing_windows": "Last Trailing",
    "kpisdk.contracts.translations": "Language Translation",
    "kpisdk.contracts.unit_moments": "UnitMoments",
    "kpisdk.contracts.value_ranges": "ValueRange",
    "kpisdk.contracts.view_columns": "Breakdown ViewColumn ViewFigure",
    "kpisdk.contracts.workspace_methods": "WorkspaceMethod",
    "kpisdk.contracts.vocabulary": (
        "CalculationType Direction Frequency Grain IntervalReason LogicalType Reason Status Unit"
    ),
    "kpisdk.errors": (
        "BadValueError CacheError ConnectionLostError DefinitionError DefinitionFileError "
        "KpisdkError MissingDependencyError Problem ProblemsError QueryError ReadError "
        "SettingsError SourceUnavailableError StatementTimeoutError UnknownNameError "
        "UnsupportedByEngineError UsageError listed nearest quoted"
    ),
    "kpisdk.guardrails": "Change Contrast GuardrailReport Movement Reversal Verdict",
    "kpisdk.hookspecs": "hookimpl hookspec",
    "kpisdk.plugins.definition_files": "read_kpis",
    "kpisdk.registry.kpi_dictionary": "dictionary_of",
    "kpisdk.settings": "Seconds Settings parse_seconds",
    "kpisdk.windows": "is_date parse_instant parse_window",
    "kpisdk.workspace": "Workspace",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = list(_HOME_OF)


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'kpisdk' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
