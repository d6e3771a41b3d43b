"""What an exception of a plugin says, whatever its own ``__str__`` does."""

from __future__ import annotations

from kpisdk.errors import KpisdkError

MOST_WORDS = 400
"""How many characters of a stranger's words a sentence of ours repeats."""

_MOST_SENTENCE = 20_000
_UNREADABLE = "(its words cannot be read: turning it into text fails)"


def words_of(error: BaseException, limit: int = MOST_WORDS) -> str:
    """The words of an exception, cut to ``limit`` characters; it never raises."""
    try:
        # Joined, because __str__ may return a subclass of str with methods of its own.
        words = "".join((str(error),))
    except BaseException:  # noqa: BLE001 - a stranger's __str__ may raise anything, SystemExit too
        return _UNREADABLE
    return words if len(words) <= limit else f"{words[:limit]}… ({len(words)} characters)"


def described(error: BaseException, limit: int = MOST_WORDS) -> str:
    """``ValueError: its words``, or the type alone where there are none; it never raises."""
    try:
        kind = f"{type(error).__name__}"
    except BaseException:  # noqa: BLE001 - a metaclass may raise anything
        kind = "an exception without a name"
    words = words_of(error, limit)
    return f"{kind}: {words}" if words else kind


def is_sentence(error: KpisdkError) -> bool:
    """Whether an error of ours, perhaps of a stranger's class, says something that can be shown."""
    try:
        said: object = error.message
        code: object = error.exit_code
    except BaseException:  # noqa: BLE001 - a stranger's property may raise anything
        return False
    is_text = type(said) is str and len(said) <= _MOST_SENTENCE
    return is_text and isinstance(code, int) and words_of(error) != _UNREADABLE
