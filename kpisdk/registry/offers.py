"""Which plugin of the project brings what, for an installation that lacks it.

The core imports no plugin and needs none; this page is what it may say of them.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from kpisdk.errors import UnknownNameError, UsageError


@attrs.frozen
class Offer:
    """A plugin to install: what it brings, how its ids begin, its workstream, commands, methods."""

    distribution: str
    brings: str
    prefix: str | None = None
    workstream: str | None = None
    commands: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()


OFFERS = (
    Offer("kpisdk-ws1-quality", "data quality, model performance", "WS1-", "ws1_quality"),
    Offer("kpisdk-ws2-triggers", "engagement triggers", "WS2-", "ws2_triggers"),
    Offer(
        "kpisdk-ws3-business", "users, prescriptions, conversion, return", "WS3-", "ws3_business"
    ),
    Offer("kpisdk-brand", "outcomes of single brands", "BR-", "brand"),
    Offer("kpisdk-causal", "causal effects", "CM-", "causal", ("causal",)),
    Offer("kpisdk-edu-dkt", "education, knowledge tracing", "EDU-", "edu_dkt", ("koryxa", "dkt")),
    Offer("kpisdk-definitions", "KPIs of your own, in YAML or TOML"),
    Offer("kpisdk-demo", "synthetic data to try them on", commands=("demo",)),
    Offer(
        "kpisdk-history",
        "KPIs over time: recorded, restated, alerted",
        commands=("record", "history", "alerts", "prune"),
        methods=("history", "record"),
    ),
    Offer("kpisdk-web", "pages of KPIs, as a folder or live", commands=("site", "serve")),
)
"""The plugins of this project; any other package may bring KPIs too."""


def nothing_installed() -> str:
    """What to install where no plugin brings KPIs, a line each."""
    width = max(len(offer.distribution) for offer in OFFERS)
    lines = [f"  pip install {offer.distribution:{width}}   {offer.brings}" for offer in OFFERS]
    return "\n".join(["No plugin that brings KPIs is installed. Install what you need:", *lines])


def who_brings_method(name: str) -> str:
    """The end of a sentence on a method of the workspace that nobody brings; empty: unknown."""
    found = next((offer for offer in OFFERS if name in offer.methods), None)
    if found is None:
        return ""
    return f" {found.distribution} brings it: pip install {found.distribution}"


@attrs.define(eq=False)
class NoKpisError(UsageError):
    """A request for KPIs where no plugin brings any."""

    @property
    def message(self) -> str:
        return nothing_installed()


@attrs.define(eq=False)
class MissingPluginError(UnknownNameError):
    """A name that a plugin of the project brings, which is not installed."""

    distribution: str

    template = (
        "There is no {kind} {name:quoted} here: {distribution}, which brings "
        "it, is not installed or did not load. Run: pip install {distribution}, or see "
        "kpisdk plugin list."
    )


def unknown_kpi(name: str, known: Iterable[str]) -> UnknownNameError:
    """The error for an id that no plugin brings; where a whole family is missing, it says which."""
    ids = tuple(known)
    for offer in OFFERS:
        if _is_of(offer, name) and not any(_is_of(offer, kpi_id) for kpi_id in ids):
            return MissingPluginError("KPI", name, ids, offer.distribution)
    return UnknownNameError("KPI", name, ids)


def _is_of(offer: Offer, kpi_id: str) -> bool:
    return offer.prefix is not None and kpi_id.upper().startswith(offer.prefix)


def unknown_workstream(name: str, known: Iterable[str]) -> UnknownNameError:
    """The error for a workstream that no plugin brings, nor the start of one."""
    names = tuple(sorted(known))
    for offer in OFFERS:
        if name and offer.workstream is not None and offer.workstream.startswith(name.casefold()):
            return MissingPluginError("workstream", name, names, offer.distribution)
    return UnknownNameError("workstream", name, names)


def unknown_command(name: str, known: Iterable[str]) -> UnknownNameError:
    """The error for a command that no plugin brings."""
    names = tuple(known)
    for offer in OFFERS:
        if name in offer.commands:
            return MissingPluginError("command", name, names, offer.distribution)
    return UnknownNameError("command", name, names)
