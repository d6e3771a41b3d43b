"""What can be wrong with an events log or with where its evidence is to be written."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kpisdk import KpisdkError, UsageError, listed


@attrs.define(eq=False)
class EventsError(KpisdkError):
    """An events log that cannot be used, with the reason and what to do.

    Attributes:
        place: the log.
        reason: why it cannot be used, and what to do.
    """

    place: str
    reason: str

    template = "The events log {place!r} cannot be used: {reason}"


@attrs.define(eq=False)
class MissingColumnsError(KpisdkError):
    """An events log without columns that it must have; all of them are named.

    Attributes:
        place: the log.
        missing: the columns.
        found: those that it has.
    """

    place: str
    missing: Sequence[str]
    found: Sequence[str]

    @property
    def message(self) -> str:
        return (
            f"The events log {self.place!r} lacks {listed(self.missing)}. "
            f"It has: {', '.join(self.found)[:500] or 'no columns at all'}."
        )


@attrs.define(eq=False)
class EvidenceExistsError(UsageError):
    """Evidence files that are there already and would be replaced.

    Attributes:
        paths: the files.
    """

    paths: Sequence[str]

    @property
    def message(self) -> str:
        verb = "exists" if len(self.paths) == 1 else "exist"
        return f"{listed(self.paths)} {verb} already. Give --force to replace what is there."


@attrs.define(eq=False)
class WriteError(KpisdkError):
    """Evidence that could not be written; nothing that was there was changed.

    Attributes:
        path: the file or folder.
        reason: what the system says.
    """

    path: str
    reason: str

    template = "{path!r} could not be written: {reason}."
