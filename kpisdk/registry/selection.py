"""From what a user names (ids, a workstream, all) to the ids of KPIs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import attrs

from kpisdk.errors import Problem, ProblemsError, UnknownNameError, UsageError, quoted
from kpisdk.registry.offers import NoKpisError, unknown_kpi, unknown_workstream


@attrs.define(eq=False)
class AmbiguousNameError(UsageError):
    """A prefix that several names start with."""

    kind: str
    name: str
    matches: Sequence[str]

    template = (
        "The {kind} {name:quoted} could be {matches:listed}. Write enough of it to tell them apart."
    )


@attrs.define(eq=False)
class SelectionError(UsageError):
    """A request that names no KPIs, or names them in two ways at once."""

    reason: str

    template = "{reason} Name KPI ids, or a workstream, or ask for all."


def one_id(name: str, known: Collection[str]) -> str:
    """The id that ``name`` is, case apart.

    Raises:
        UnknownNameError: there is none; the nearest are proposed.
    """
    if name in known:
        return name
    for kpi_id in known:
        if kpi_id.casefold() == name.casefold():
            return kpi_id
    raise unknown_kpi(name, known)


def several_ids(names: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """The ids that the names are, in the order given, each once.

    Raises:
        UnknownNameError: one name is unknown.
        ProblemsError: several are, all of them listed.
    """
    found, errors = [], []
    for name in names:
        try:
            found.append(one_id(name, known))
        except UnknownNameError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        problems = [Problem(quoted(error.name), error.message) for error in errors]
        raise ProblemsError("The list of KPIs", problems)
    return tuple(dict.fromkeys(found))


def one_workstream(name: str, known: Collection[str]) -> str:
    """The workstream of that name, or the only one that starts with it, case apart.

    Raises:
        AmbiguousNameError: several start with it.
        UnknownNameError: none does.
    """
    folded = name.casefold()
    matches = sorted(each for each in known if folded and each.casefold().startswith(folded))
    if folded in (match.casefold() for match in matches):
        return next(match for match in matches if match.casefold() == folded)
    if len(matches) > 1:
        raise AmbiguousNameError("workstream", name, matches)
    if not matches:
        raise unknown_workstream(name, known)
    return matches[0]


def select(
    workstreams: Mapping[str, str], ids: Sequence[str], workstream: str | None, *, everything: bool
) -> tuple[str, ...]:
    """The ids that a request names; ``workstreams`` maps every known id to its workstream.

    Raises:
        SelectionError: nothing is named, or KPIs are named in two ways at once.
        NoKpisError: all are asked for, and no plugin brings any.
        UnknownNameError, AmbiguousNameError, ProblemsError: a name that is not one.
    """
    ways = [bool(ids), workstream is not None, everything].count(True)
    if ways == 0:
        raise SelectionError("Which KPIs are meant is not said.")
    if ways > 1:
        raise SelectionError("The KPIs are named in two ways at once.")
    if ids:
        return several_ids(ids, workstreams)
    if workstream is not None:
        wanted = one_workstream(workstream, set(workstreams.values()))
        return tuple(kpi_id for kpi_id, each in workstreams.items() if each == wanted)
    if not workstreams:
        raise NoKpisError
    return tuple(workstreams)


@attrs.define(eq=False)
class UnheardKpiError(UsageError):
    """A name that no plugin here brings, while some plugins could not say what they bring."""

    said: str
    plugins: Sequence[str]

    @property
    def message(self) -> str:
        which = "A plugin" if len(self.plugins) == 1 else "Plugins"
        return f"{self.said} {which} that may bring it did not load: {'; '.join(self.plugins)}"
