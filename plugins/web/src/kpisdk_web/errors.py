"""What can go wrong when pages are written."""

from __future__ import annotations

import attrs

from kpisdk import KpisdkError, UsageError


@attrs.define(eq=False)
class SiteWriteError(KpisdkError):
    """A folder or file of a site that cannot be written.

    Attributes:
        path: the place.
        reason: what the system says.
    """

    path: str
    reason: str

    template = (
        "{path!r} could not be written: {reason}. The site is not whole; give another folder "
        "with --out, or mend this one and write it again."
    )


@attrs.define(eq=False)
class HistoryMissingError(UsageError):
    """A store of recorded runs is named, and nothing is installed that reads it.

    Attributes:
        store: the store that was named.
    """

    store: str

    template = (
        "Nothing that is installed reads the store {store:quoted}. Run: pip install "
        "kpisdk-history; or leave --store away."
    )
