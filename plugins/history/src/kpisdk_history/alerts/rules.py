"""One ``[plugins.history.alerts.<name>]`` of the settings: what to watch, and whom to tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import attrs

from kpisdk import DefinitionError, Problem, listed, quoted

Kind: TypeAlias = Literal["critical", "warning", "unknown", "stale", "restated", "changed"]
"""What an alert may be raised on."""

CONDITIONS = ("critical", "warning", "unknown", "stale")
"""Kinds that hold for as long as they hold, the worst first: they open, and are cleared."""

RESTATED, CHANGED = "restated", "changed"
"""Kinds that happen once: a closed period moved, a definition was replaced."""

SELECTORS = ("kpis", "workstream", "owner")
"""The keys that say which KPIs a rule watches."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}", re.ASCII)
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,39})://\S+", re.ASCII)


def _one_or_more(_rule: Any, _field: Any, count: int) -> None:
    if count < 1:
        raise ValueError(f"must be 1 run or more; it is {count}")


def _not_blank(_rule: Any, _field: Any, text: str | None) -> None:
    if text is not None and not text.strip():
        raise ValueError("must not be empty")


def _ids(_rule: Any, _field: Any, ids: tuple[str, ...]) -> None:
    blank = [f"entry {place + 1}" for place, each in enumerate(ids) if not each.strip()]
    if blank:
        raise ValueError(f"must name KPIs; {listed(blank)} is empty")


def _some(_rule: Any, _field: Any, kinds: tuple[str, ...]) -> None:
    if not kinds:
        raise ValueError(
            "must name at least one of critical, warning, unknown, stale, restated, changed"
        )


def _addresses(_rule: Any, _field: Any, targets: tuple[str, ...]) -> None:
    """Refuse what is no address, by its place: an address is a secret, and is never shown."""
    wrong = [f"entry {place + 1}" for place, each in enumerate(targets) if scheme_of(each) is None]
    if wrong:
        raise ValueError(
            f"{listed(wrong)} is no address; write SERVICE://…, such as slack://${{SLACK_HOOK}}"
        )
    twice = [f"entry {place + 1}" for place, each in enumerate(targets) if each in targets[:place]]
    if twice:
        raise ValueError(f"{listed(twice)} is there before; name each address once")


def scheme_of(target: str) -> str | None:
    """The service that an address names, in lower case; ``None`` where it is no address."""
    found = _ADDRESS.fullmatch(target)
    return None if found is None or not target.isprintable() else found["scheme"].lower()


def _count(targets: tuple[str, ...]) -> str:
    return f"<{len(targets)} addresses>"


@attrs.frozen(kw_only=True)
class AlertRule:
    """Which KPIs are watched for what, when that is an alert, and whom it is told.

    Attributes:
        kpis: ids of KPIs. At least one of ``kpis``, ``workstream`` and ``owner`` is there; a KPI is
            watched if it fits all that are.
        workstream: the KPIs of that workstream.
        owner: the KPIs that this owner answers for.
        on: what an alert is raised on: ``critical``, ``warning`` (or worse), ``unknown`` (it could
            not be judged), ``stale`` (its rows end too early), ``restated`` (a closed period came
            out differently), ``changed`` (it is defined otherwise).
        after: how many runs in a row a status holds before its alert opens; what could not be
            judged is passed over. ``restated`` and ``changed`` are told at once.
        clear_after: how many runs in a row nothing of ``on`` holds before the alert is cleared.
        only_decided: whether ``critical`` and ``warning`` count only where they are decided: the
            whole interval says so.
        notify: where digests go: addresses of Apprise (``slack://…``, ``mailto://…``) or of a
            plugin's channel. They are never shown; take secrets from variables (``${NAME}``).
    """

    kpis: tuple[str, ...] = attrs.field(default=(), validator=_ids)
    workstream: str | None = attrs.field(default=None, validator=_not_blank)
    owner: str | None = attrs.field(default=None, validator=_not_blank)
    on: tuple[Kind, ...] = attrs.field(default=("critical",), validator=_some)
    after: int = attrs.field(default=2, validator=_one_or_more)
    clear_after: int = attrs.field(default=2, validator=_one_or_more)
    only_decided: bool = False
    notify: tuple[str, ...] = attrs.field(default=(), validator=_addresses, repr=_count)

    def __attrs_post_init__(self) -> None:
        if not (self.kpis or self.workstream or self.owner):
            raise DefinitionError("AlertRule", [_unselective("kpis")])


def _unselective(where: str) -> Problem:
    return Problem(where, "is missing, and so are workstream and owner: nothing is watched")


def named(*given: Any) -> None:
    """Refuse names of rules that a command line, a table and a message could not hold.

    A validator of attrs: the rules by name are the last that it is given.

    Raises:
        DefinitionError: all of them.
    """
    rules = given[-1]
    wrong = [
        Problem("alerts", f"{quoted(name)} is no name of an alert: write letters, digits, - and _")
        for name in rules
        if _NAME.fullmatch(name) is None
    ]
    if wrong:
        raise DefinitionError("HistorySettings", wrong)


def unselective(table: Any, path: str) -> Iterator[Problem]:
    """The rules of a raw table that watch nothing; told with whatever else is wrong with them.

    Args:
        table: ``[plugins.history.alerts]``, as TOML gives it.
        path: where it stands.
    """
    for name, raw in table.items() if isinstance(table, Mapping) else ():
        if isinstance(raw, Mapping) and not any(raw.get(each) for each in SELECTORS):
            yield _unselective(f"{path}.{name}.kpis")
