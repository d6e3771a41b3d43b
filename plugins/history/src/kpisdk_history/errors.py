"""What can be wrong with a store of history, and with what it is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from kpisdk import KpisdkError, UsageError, listed, quoted


@attrs.define(eq=False)
class StoreError(KpisdkError):
    """A store that could not do what it was asked; nothing that it holds was changed.

    Attributes:
        store: the store as it may be shown, without secrets.
        what: what it could not do, or what is wrong with it, in words.
    """

    store: str
    what: str

    template = "The store {store} could not {what}. Nothing of it was changed."


@attrs.define(eq=False)
class NoStoreError(UsageError):
    """There is no store yet, so nothing can be read from it.

    Attributes:
        store: where it was looked for, without secrets.
    """

    store: str

    template = (
        "There is no store {store} yet. kpisdk record makes one; --store (or store under "
        "[plugins.history]) names another."
    )


@attrs.define(eq=False)
class StoreUnavailableError(StoreError):
    """The store's server refuses connections, or its file cannot be opened."""

    template = "The store {store} cannot be opened: {what}. Nothing was recorded."


@attrs.define(eq=False)
class StoreLockedError(StoreError):
    """Another writer did not finish in time."""

    template = (
        "The store {store} is being written by somebody else, who did not finish in time ({what}). "
        "Nothing was recorded; try again when that is over."
    )


@attrs.define(eq=False)
class StoreFullError(StoreError):
    """The disk that the store is on is full."""

    template = (
        "The disk of the store {store} is full ({what}). Nothing of this run was recorded, and "
        "what was recorded before is there. Make room, or take old results out with prune."
    )


@attrs.define(eq=False)
class CorruptStoreError(StoreError):
    """A file that is damaged, or that is no database at all."""

    template = (
        "{store} is no store that can be read: {what}. It was left as it is. Put a copy back, "
        "or name another store with --store."
    )


@attrs.define(eq=False)
class ForeignStoreError(StoreError):
    """A database that somebody else made for something else."""

    template = (
        "{store} belongs to something else: {what}. It was left as it is. Name another store with "
        "--store; a file that is not there is made."
    )


@attrs.define(eq=False)
class NewerStoreError(StoreError):
    """A store that a newer program wrote.

    Attributes:
        known: the newest schema that this program knows; ``what`` is that of the store.
    """

    known: str

    template = (
        "The store {store} was made by a newer kpisdk-history: its schema is {what:quoted}, and "
        "this one knows up to {known:quoted}. It was left as it is. Run: pip install --upgrade "
        "kpisdk-history"
    )


@attrs.define(eq=False)
class DamagedResultError(KpisdkError):
    """A recorded result whose JSON is none any more.

    Attributes:
        store: the store as it may be shown.
        result: the number of the result in it.
    """

    store: str
    result: int

    template = (
        "Result {result} of the store {store} is damaged: what it holds is no result. "
        "Its columns are still there; put a copy of the store back to read the whole of it."
    )


@attrs.define(eq=False)
class BadRunKeyError(UsageError):
    """A run key that is none.

    Attributes:
        key: what was given.
    """

    key: str

    template = (
        "The run key {key:quoted} is none: give 1 to 200 characters without control characters, "
        "such as 2026-03-01 or the id of the scheduler's run."
    )


@attrs.define(eq=False)
class NothingRecordedError(UsageError):
    """A KPI, or a cut of it, of which the store holds nothing.

    Attributes:
        subject: the KPI, or the cut of it, in words.
        store: the store as it may be shown.
        known: the cuts of the KPI that are recorded, in words; none by default.
    """

    subject: str
    store: str
    known: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        there = f" Recorded: {listed(self.known)}." if self.known else ""
        return f"Of {self.subject} nothing is recorded in {self.store}.{there}"


@attrs.define(eq=False)
class NothingOpenError(UsageError):
    """An alert to acknowledge that is not open.

    Attributes:
        alert: the rule's name.
        kpi_id: the KPI that was asked for, if one was.
    """

    alert: str
    kpi_id: str | None = None

    @property
    def message(self) -> str:
        of = f" on {quoted(self.kpi_id)}" if self.kpi_id is not None else ""
        return (
            f"No alert of {quoted(self.alert)}{of} is open, so there is nothing to acknowledge. "
            "kpisdk alerts list tells which are."
        )


@attrs.define(eq=False)
class BadInstantError(UsageError):
    """An instant or a span of time that is none.

    Attributes:
        option: the option or argument that it was given to.
        given: what was given.
        accepted: what it takes, in words.
    """

    option: str
    given: Any
    accepted: str

    @property
    def message(self) -> str:
        shown = self.given.isoformat() if isinstance(self.given, datetime) else self.given
        return f"{self.option} is {quoted(shown)}; it takes {self.accepted}."
