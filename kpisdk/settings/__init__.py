"""``kpisdk.toml``, the environment's overrides, secrets, and who set each value."""

from kpisdk.settings.durations import Seconds, parse_seconds
from kpisdk.settings.filling import fill
from kpisdk.settings.misplaced_tables import misplaced
from kpisdk.settings.provenance import Origin, Provenance
from kpisdk.settings.secrets import MASK, is_secret_name, passwords_of, redact, secrets_of
from kpisdk.settings.settings_loading import CONFIG_VARIABLE, OVERRIDES, load_settings
from kpisdk.settings.settings_records import (
    CacheSettings,
    KpiSettings,
    Settings,
    SourceSettings,
    TableMapping,
)

__all__ = [
    "CONFIG_VARIABLE",
    "MASK",
    "OVERRIDES",
    "CacheSettings",
    "KpiSettings",
    "Origin",
    "Provenance",
    "Seconds",
    "Settings",
    "SourceSettings",
    "TableMapping",
    "fill",
    "is_secret_name",
    "load_settings",
    "misplaced",
    "parse_seconds",
    "passwords_of",
    "redact",
    "secrets_of",
]
