"""Every error the SDK raises: one root, typed fields, and a sentence that says what to do next.

An error is an ``attrs`` class: its fields are the facts (they survive pickling and can be asserted
on), and its ``template`` says how they become the sentence that a user reads. Errors that describe
an input carry *all* of its faults, as :class:`Problem` records with a path each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import attrs

from kpisdk.sentences import Formatters, Sentence, names_in

USAGE = 2
"""Exit code of a usage or settings error."""
FAILURE = 1
"""Exit code of an operation that could not be carried out."""


def nearest(word: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The entries of ``known`` that look most like ``word``, best first (case does not matter)."""
    import difflib  # only an error message needs it, and it is not cheap to import

    by_fold = {name.casefold(): name for name in reversed(tuple(known))}  # the first of twins
    close = difflib.get_close_matches(word.casefold()[:200], list(by_fold), n=count, cutoff=0.5)
    return tuple(by_fold[fold] for fold in close)


def quoted(value: object, limit: int = 80) -> str:
    """``value`` as it may stand in a sentence: quoted, escaped, cut to ``limit`` characters."""
    text = repr(str(value))
    return text if len(text) <= limit else f"{text[:limit]}…' ({len(str(value))} characters)"


def listed(words: Iterable[object], limit: int = 12) -> str:
    """``a, b and c``; beyond ``limit`` entries the rest is counted."""
    items = [str(word) for word in words]
    if len(items) > limit:
        items = [*items[:limit], f"{len(items) - limit} more"]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


@attrs.frozen
class Problem:
    """One fault of an input: where it is and what is wrong with it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@attrs.define(eq=False)
class KpisdkError(Exception):
    """Root of all errors of the SDK and its plugins. ``str(error)`` is a sentence for the user.

    Attributes:
        template: the sentence, with the error's fields and properties in braces, as ``str.format``
            takes them: ``"Source {source!r}: {detail}"``. What needs more overrides ``message``.
        formatters: what may stand after the colon, beside Python's own: ``{name:quoted}``,
            ``{known:listed}`` (*a, b and c*), ``{faults:joined}`` (with semicolons), ``{day:iso}``.
    """

    template: ClassVar[str] = ""
    formatters: ClassVar[Formatters] = {
        "quoted": quoted,
        "listed": listed,
        "joined": lambda items: "; ".join(map(str, items)),
        "iso": lambda instant: str(instant.isoformat()),
    }

    def __init_subclass__(cls) -> None:
        """Refuse a template that would fail, or be passed over, when its error is shown."""
        super().__init_subclass__()
        template = vars(cls).get("template")
        if not isinstance(template, str):
            return
        if cls.message is not KpisdkError.message:
            raise TypeError(f"{cls.__name__} has a template, and a message that does not use it.")
        fields = {name for each in cls.__mro__ for name in getattr(each, "__annotations__", ())}
        unknown = [name for name in names_in(template) if name not in {*fields, *dir(cls)}]
        if unknown:
            raise TypeError(f"The template of {cls.__name__} names {unknown[0]}, no field of it.")

    @property
    def message(self) -> str:
        """What went wrong, with the value, the place and the next step."""
        if self.template:
            return Sentence(self, self.formatters).format(self.template)
        return self.__doc__ or type(self).__name__

    @property
    def exit_code(self) -> int:
        """1 (failed) or 2 (usage), which a command that ends with this error exits with."""
        return FAILURE

    def __str__(self) -> str:
        return self.message


@attrs.define(eq=False)
class UsageError(KpisdkError):
    """A request that cannot be carried out as it was put: a wrong name, option or value."""

    @property
    def exit_code(self) -> int:
        return USAGE


@attrs.define(eq=False)
class ProblemsError(UsageError):
    """An input with one or more faults, all of them listed."""

    subject: str
    problems: Sequence[Problem]

    template = "{subject}: {_problems}"

    @property
    def _problems(self) -> str:
        if len(self.problems) == 1:
            return str(self.problems[0])
        lines = (f"\n  - {problem}" for problem in self.problems)
        return f"{len(self.problems)} problems{''.join(lines)}"


@attrs.define(eq=False)
class DefinitionError(ProblemsError):
    """A record (dataset, measure, KPI …) that contradicts itself, refused when it is made."""


@attrs.define(eq=False)
class DefinitionFileError(DefinitionError):
    """A definition file with faults; each of them starts with ``file:line:column``."""


@attrs.define(eq=False)
class SettingsError(ProblemsError):
    """A settings file with unknown keys, wrong types or values, all of them with their paths."""


@attrs.define(eq=False)
class UnknownNameError(UsageError):
    """A name that nothing registered goes by; ``kind`` is such as ``KPI`` or ``column of 'x'``."""

    kind: str
    name: str
    known: Sequence[str]

    template = "There is no {_subject}. {_proposal}"

    @property
    def _subject(self) -> str:
        what, of, whole = self.kind.partition(" of ")
        return f"{what} {quoted(self.name)}{of}{whole}"

    @property
    def _proposal(self) -> str:
        close = nearest(self.name, self.known)
        if close:
            return f"Did you mean {listed(close)}?"
        return f"Known: {listed(sorted(self.known))}." if self.known else "None is installed."


@attrs.define(eq=False)
class MissingDependencyError(KpisdkError):
    """An optional library that the request needs is not installed."""

    library: str
    purpose: str
    install: str

    template = "{purpose} needs {library}, which is not installed. Run: {install}"


@attrs.define(eq=False)
class ReadError(KpisdkError):
    """Rows could not be read: the source, and what the engine said (secrets masked)."""

    source: str
    detail: str

    template = "Source {source!r} could not answer: {detail}"


@attrs.define(eq=False)
class QueryError(ReadError):
    """A statement failed."""

    template = "A statement failed on source {source!r}: {detail}"


@attrs.define(eq=False)
class BadValueError(QueryError):
    """A stored value cannot be read as the type that its column is declared to have."""

    template = "A value of source {source!r} is not of its column's declared type: {detail}"


@attrs.define(eq=False)
class StatementTimeoutError(ReadError):
    """A statement ran past the source's limit and was cancelled."""

    seconds: float

    template = (
        "A statement on source {source!r} was cancelled after {seconds:g} s. "
        "Raise sources.{source}.statement_timeout, or narrow the window."
    )


@attrs.define(eq=False)
class ConnectionLostError(ReadError):
    """The connection broke while statements were running; the whole trip may be tried again."""

    template = "The connection to source {source!r} was lost: {detail}"


@attrs.define(eq=False)
class SourceUnavailableError(ReadError):
    """The source does not exist, refuses connections, or is locked."""

    template = "Source {source!r} cannot be opened: {detail}"


@attrs.define(eq=False)
class SourceLockedError(SourceUnavailableError):
    """Another process writes to the source, and keeps readers out."""


@attrs.define(eq=False)
class SourceDeniedError(SourceUnavailableError):
    """The source does not let this user in."""


@attrs.define(eq=False)
class PermissionDeniedError(QueryError):
    """The source does not let its user read a table."""

    template = (
        "The user of source {source!r} may not read what is needed: {detail}. "
        "Ask the owner of the table for the right to."
    )


@attrs.define(eq=False)
class LockTimeoutError(QueryError):
    """Somebody else's lock on a table or a file did not go away in time."""

    template = (
        "Source {source!r} is locked by somebody else: {detail}. Try again when that is over."
    )


@attrs.define(eq=False)
class UnsupportedByEngineError(KpisdkError):
    """An engine has no words for something: what it would be sent instead could be wrong.

    Attributes:
        engine: the name of its SQLAlchemy dialect.
        construct: what it has no words for, such as ``Quantile``.
        known: the engines that there are, where this one is none of them.
    """

    engine: str
    construct: str
    known: Sequence[str] = ()

    @property
    def message(self) -> str:
        if self.known:
            return (
                f"The engine {quoted(self.engine)} is not supported: nothing installed says how it "
                f"words {self.construct}. Supported are {listed(self.known)}; a plugin may bring "
                "others."
            )
        return f"{self.engine} has no SQL of its own for {self.construct}."


@attrs.define(eq=False)
class CacheError(KpisdkError):
    """A cache could not be read or written. The engine warns and goes on without it.

    ``location`` holds no secrets; ``action`` is what was tried (``read``, ``write``, ``clear``);
    ``cause`` is the store's own sentence; ``advice`` is what the user can do about it.
    """

    location: str
    action: str
    cause: str
    advice: str

    template = "The cache {location} cannot be used to {action} results: {cause}. {advice}"
