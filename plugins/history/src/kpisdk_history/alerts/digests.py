"""What is told of alerts: one digest a run, in plain text that no slice's name can break out of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from kpisdk import Unit
from kpisdk.reporting import figure, instant, slice_value, visible
from kpisdk_history.alerts.rules import CHANGED
from kpisdk_history.alerts.states import CLEARED, HAPPENED, OPENED, REMINDED, WORSENED

MOST_TOLD = 20
"""Alerts that a digest tells one by one: a run of a thousand slices is no message of a book."""

LONGEST = 200
"""Characters of a name or a reason of others that a message holds."""

_ORDER = (WORSENED, OPENED, REMINDED, HAPPENED, CLEARED)
_TITLES = {
    WORSENED: "worsened",
    OPENED: "opened",
    REMINDED: "still open",
    HAPPENED: "told",
    CLEARED: "cleared",
}


@attrs.frozen(kw_only=True)
class AlertChange:
    """What happened to the alert of one rule on one KPI and slice.

    Attributes:
        alert: the rule's name.
        event: ``opened``, ``worsened``, ``reminded``, ``cleared``, or ``happened`` for what is told
            once (a restatement, another definition).
        kinds: what it is about, the worst first: ``critical``, ``warning``, ``unknown``, ``stale``,
            ``restated``, ``changed``.
        kpi_id: the KPI.
        name: its name.
        slice: the slice, by column; empty for the whole.
        filters: the filters that were asked for, by column.
        value: the KPI's value in its unit; ``None`` where there is none.
        unit: the unit.
        status: ``good``, ``warning``, ``critical`` or ``unknown``.
        reason: why there is no value or status, where there is none.
        window: the window or period.
        decided: whether the whole interval says so; ``None`` where that is not known.
        since: when the first of the runs in a row was recorded (UTC).
        why: a sentence.
        subject: the key of KPI, question and slice.
    """

    alert: str
    event: str
    kinds: tuple[str, ...]
    kpi_id: str
    name: str = ""
    slice: Mapping[str, Any] = attrs.field(factory=dict)
    filters: Mapping[str, Any] = attrs.field(factory=dict)
    value: float | None = None
    unit: str = "ratio"
    status: str = "unknown"
    reason: str | None = None
    window: str | None = None
    decided: bool | None = None
    since: datetime | None = None
    why: str = ""
    subject: str = ""

    @property
    def where(self) -> str:
        """The KPI, its slice and filters on one line; what does not print is escaped."""
        cut = [f"{name}={slice_value(value)}" for name, value in self.slice.items()]
        only = [f"{name}={_values(values)}" for name, values in self.filters.items()]
        parts = [short(f"{self.kpi_id} {self.name}"), short(", ".join(cut))]
        parts.append(short(f"where {', '.join(only)}") if only else "")
        return ", ".join(part for part in parts if part)

    @property
    def shown_value(self) -> str:
        """The value with its unit; ``no value`` where there is none."""
        return "no value" if self.value is None else figure(self.value, Unit(self.unit))

    @property
    def text(self) -> str:
        """One line: what happened to which KPI, its value and status, since when, and why."""
        facts = []
        if self.kinds != (CHANGED,):
            facts.append(f"{self.shown_value}, {self.status}{_decided(self.decided)}")
        if self.window:
            facts.append(f"window {short(self.window)}")
        if self.since is not None:
            facts.append(f"since {instant(self.since)} UTC")
        kinds = " and ".join(self.kinds) or "alert"
        why = f" Why: {short(self.why)}" if self.why else ""
        head = f"{_TITLES[self.event].capitalize()} ({kinds}): {self.where}"
        told = f": {'; '.join(facts)}." if facts else "."
        return f"{head}{told}{why} [{self.alert}]"

    def to_dict(self) -> dict[str, Any]:
        """The change as plain JSON values."""
        raw = attrs.asdict(self, recurse=False)
        return {**raw, "kinds": list(self.kinds), "since": _iso(self.since)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> AlertChange:
        """What :meth:`to_dict` made a dictionary of."""
        since = raw.get("since")
        moment = None if since is None else datetime.fromisoformat(since)
        return cls(**{**raw, "kinds": tuple(raw["kinds"]), "since": moment})


@attrs.frozen(kw_only=True)
class Digest:
    """What one run has to tell one target.

    Attributes:
        run_key: the key of the run.
        at: when it was recorded (UTC).
        source: the name of its source, without secrets.
        changes: what happened, the worst first.
        repeated: whether it may have been delivered before: a program was stopped while it sent it.
    """

    run_key: str
    at: datetime
    source: str
    changes: tuple[AlertChange, ...]
    repeated: bool = False

    @property
    def title(self) -> str:
        """How many alerts opened, worsened and cleared."""
        many = Counter(change.event for change in self.changes)
        counts = [f"{many[event]} {_TITLES[event]}" for event in _ORDER if many[event]]
        return f"KPI alerts: {', '.join(counts) or 'a test'}"

    @property
    def text(self) -> str:
        """The message, a line an alert; beyond twenty the rest is counted."""
        head = f"Run {short(self.run_key)} of {short(self.source)}, {instant(self.at)} UTC"
        lines = [change.text for change in self.changes[:MOST_TOLD]]
        more = len(self.changes) - MOST_TOLD
        if more > 0:
            lines.append(f"And {more} more: kpisdk alerts list tells all of them.")
        if self.repeated:
            lines.append("This may have been delivered before: the program was stopped meanwhile.")
        return "\n".join([head, "", *lines])

    def to_json(self) -> str:
        """The digest as one text, for the outbox."""
        changes = [change.to_dict() for change in self.changes]
        raw = {"run_key": self.run_key, "at": _iso(self.at), "source": self.source}
        return json.dumps({**raw, "changes": changes}, default=str)

    @classmethod
    def from_json(cls, text: str) -> Digest:
        """What :meth:`to_json` made a text of."""
        raw = json.loads(text)
        changes = tuple(AlertChange.from_dict(each) for each in raw.pop("changes"))
        return cls(**{**raw, "at": datetime.fromisoformat(raw["at"]), "changes": changes})


def in_order(changes: Sequence[AlertChange]) -> tuple[AlertChange, ...]:
    """Changes as a digest tells them: what got worse first, what is over last."""
    return tuple(
        sorted(changes, key=lambda each: (_ORDER.index(each.event), each.kpi_id, each.where))
    )


def short(text: str) -> str:
    """A text of others on one line, nothing hidden in it, cut where it is long."""
    shown = visible(text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def _values(values: Any) -> str:
    given = values if isinstance(values, list | tuple) else [values]
    return "|".join(slice_value(each) for each in given)


def _decided(decided: bool | None) -> str:
    return {True: " (decided)", False: " (not decided)", None: ""}[decided]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
