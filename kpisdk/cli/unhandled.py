"""What nobody foresaw, reported as a fault of kpisdk or a plugin and not of the user."""

from __future__ import annotations

from typing import Self

import attrs

from kpisdk.errors import FAILURE, KpisdkError
from kpisdk.quarantine import described, words_of


@attrs.define(eq=False)
class UnhandledError(KpisdkError):
    """An exception that kpisdk does not handle: its type, its words, and what to exit with."""

    kind: str
    words: str
    code: int = FAILURE

    @classmethod
    def of(cls, error: BaseException, code: int = FAILURE) -> Self:
        """That of an exception, whatever its own words do."""
        kind, _, _ = described(error).partition(":")
        return cls(kind, words_of(error), code)

    template = (
        "kpisdk met something that it does not handle ({kind}: {words}). This is a fault of kpisdk "
        "or of a plugin, not of yours. Please report it with what `kpisdk --debug` followed by the "
        "same command prints, and with `kpisdk doctor`."
    )

    @property
    def exit_code(self) -> int:
        return self.code
