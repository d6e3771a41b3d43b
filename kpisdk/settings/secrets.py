"""Which texts are secret, and texts without them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MASK = "***"
"""What stands where a secret stood."""

SHORTEST = 4
"""Shorter secrets are not looked for in free text: masking every ``1`` would scramble all of it."""

MAPPINGS = "tables"
"""Under this key stand names of tables and columns: a column called ``token`` is no secret."""

# An address that alerts are sent to (notify) is a secret as a whole: its path is the password.
_SECRET_NAME = re.compile(
    r"passw(?:or)?d|passphrase|pwd|token|secret|api_?key|credential|notify", re.IGNORECASE
)
# Bounded repetition keeps hostile text from costing quadratic time. What stands before the word (as
# in db_password) needs no match: it stays as it is.
_PARAMETER = re.compile(
    r"(?P<name>(?:passw(?:or)?d|passphrase|pwd|token|secret|api_?key|credential)"
    r"[\w.-]{0,40}) ?= ?(?:'[^'\n]{0,1000}'|\"[^\"\n]{0,1000}\"|[^&\s;,'\"]+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\S+")


def is_secret_name(name: str) -> bool:
    """Whether a key of that name holds a secret: password, token, api_key, notify and the like."""
    return _SECRET_NAME.search(name) is not None


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` with :data:`MASK` in the place of every secret.

    Masked are the given values (also as URLs encode and decode them), the passwords of URLs, and
    the values of ``name=value`` parameters whose name tells that they are secret.

    Args:
        text: what a user or a log is about to read.
        secrets: values that must not appear, of at least :data:`SHORTEST` characters.
    """
    forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
    if forms:
        # The longest first: a secret that begins with another one is masked whole.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        text = re.sub("|".join(re.escape(form) for form in ordered), MASK, text)
    if "://" in text:
        text = _WORD.sub(lambda match: _without_password(match[0]), text)
    return _PARAMETER.sub(lambda match: f"{match['name']}={MASK}", text)


def masked(value: object, secrets: Iterable[str] = ()) -> str:
    """A value as a fault may show it: :data:`MASK` alone where any secret, even a short one, is in.

    Where :func:`redact` keeps the sentence around a secret, this gives up the whole value.
    """
    text = str(value)
    if any(form in text for secret in secrets for form in _forms(secret)):
        return MASK
    return redact(text)


def secrets_of(table: Mapping[str, Any]) -> frozenset[str]:
    """The secrets that stand in a settings table: values of secret names, passwords of URLs."""
    return frozenset(_found(table))


def passwords_of(text: str) -> frozenset[str]:
    """The password of the URL that ``text`` is, in its userinfo or its parameters, if any."""
    found = {match[0].split("=", 1)[1].strip().strip("'\"") for match in _PARAMETER.finditer(text)}
    span = _password_span(text)
    if span is not None:
        found.add(text[slice(*span)])
    return frozenset(found - {""})


def _found(value: Any, keys: tuple[str, ...] = ()) -> Iterator[str]:
    """The secrets in ``value``; all of it is one where a secret name is among its ``keys``."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _found(item, (*keys, str(key)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _found(item, keys)
    elif isinstance(value, str) and value:
        if MAPPINGS not in keys and any(map(is_secret_name, keys)):
            yield value
        yield from passwords_of(value)


def _forms(secret: str) -> set[str]:
    """A secret as it is, as URLs write it and as drivers read it from one; its own password too."""
    from urllib.parse import quote, quote_plus, unquote, unquote_plus

    plain = {secret, *passwords_of(secret)}
    forms = {
        form
        for text in plain
        for form in (
            text,
            quote(text, safe=""),
            quote_plus(text),
            unquote(text),
            unquote_plus(text),
            repr(text)[1:-1],
        )
    }
    return forms - {""}


def _without_password(word: str) -> str:
    span = _password_span(word)
    return word if span is None else f"{word[: span[0]]}{MASK}{word[span[1] :]}"


def _password_span(text: str) -> tuple[int, int] | None:
    """Where the password of the first URL in ``text`` stands: from the colon to the last ``@``.

    The last, because passwords may hold an ``@`` that nobody encoded. Where several URLs stand
    in one word this covers more than the passwords, never less.
    """
    scheme = text.find("://")
    at = text.rfind("@")
    if scheme < 0 or at < scheme:
        return None
    colon = text.find(":", scheme + 3, at)
    return None if colon < 0 or colon + 1 == at else (colon + 1, at)
