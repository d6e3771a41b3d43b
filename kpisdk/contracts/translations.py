"""Sentences in another language: found by their English form, wherever and whenever it was made.

A sentence is made in English where what it says is counted, and stays so in results, caches, JSON
and CSV. Only on its way to somebody's eyes is it looked up here: so results that are kept know no
language, and codes never change with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

import attrs

from kpisdk.contracts.typography import colon, numeral, typeset
from kpisdk.errors import DefinitionError, Problem

OWN_LANGUAGE = "en"
"""What records and sentences are written in."""

INNER = "sentence"
"""The place in a template whose text is a sentence itself, and has to be known as well."""

_PLACE = re.compile(r"\{(\w+)\}")
_CODE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_ONE_SENTENCE = r"(?:(?!\. [A-Z]).)+?"
"""What stands in a place: never the end of a sentence and another one, which would stay English."""
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9'\[`-])")


@attrs.frozen
class Translation:
    """What a plugin says in another language: its sentences and its words.

    The texts of KPIs (names, definitions, governance) are no part of it: they stand in
    ``Kpi.translations``.

    Attributes:
        language: the language, such as ``fr``.
        sentences: the English form -> the translated one, with the same places in braces, such as
            ``{n}``. What stands in a place is taken over, or translated by ``words``. A place
            called ``{sentence}`` holds a sentence, which has to be known too.
        words: what may stand in a place, or alone in a cell (``good``) -> the translated word.

    Raises:
        DefinitionError: the language is no code; places that differ between the two forms.
    """

    language: str
    sentences: Mapping[str, str] = attrs.field(factory=dict)
    words: Mapping[str, str] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        problems = []
        if not _CODE.fullmatch(self.language):
            problems.append(Problem("language", f"{self.language!r} is not of the form fr"))
        problems += [
            Problem(f"sentences.{english}", f"has other places than {translated!r}")
            for english, translated in self.sentences.items()
            if set(_PLACE.findall(english)) != set(_PLACE.findall(translated))
        ]
        if problems:
            raise DefinitionError(f"Translation into {self.language!r}", problems)


@attrs.frozen
class Language:
    """A language in which people are answered: what all plugins say in it, put together.

    Attributes:
        code: the language, such as ``fr``; ``en`` says everything as it was made.
        translations: what the plugins bring, the first of them first: of two translations of a
            sentence the first one counts.
    """

    code: str = OWN_LANGUAGE
    translations: tuple[Translation, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether it is what everything is written in, so that nothing is to be done."""
        return self.code == OWN_LANGUAGE

    def text(self, english: str) -> str:
        """A sentence, or several in a row, in the language; as it is where one is not known."""
        found = self.known(english)
        return english if found is None else found

    def known(self, english: str) -> str | None:
        """A sentence, or several in a row, in the language; ``None`` where one is not known."""
        if self.is_own:
            return english
        whole = self._one(english)
        if whole is None:
            parts = _BETWEEN_SENTENCES.split(english)
            found = [self._one(part) for part in parts] if len(parts) > 1 else [None]
            told = [each for each in found if each is not None]
            whole = " ".join(told) if len(told) == len(found) else None
        return None if whole is None else typeset(whole, self.code)

    def word(self, english: str) -> str:
        """A word or a heading in the language; as it is where it is not known."""
        return self._words.get(english) or self.text(english)

    def after(self, subject: str) -> str:
        """A subject or a code with the language's colon and a space behind it."""
        return f"{subject}{colon(self.code)} "

    def figures(self, text: str) -> str:
        """A text of figures with the language's decimal mark: ``0.25`` is ``0,25`` in French."""
        return numeral(text, self.code)

    @cached_property
    def _words(self) -> Mapping[str, str]:
        return _first(each.words for each in self.translations)

    @cached_property
    def _sentences(self) -> Mapping[str, str]:
        return _first(each.sentences for each in self.translations)

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """Forms with places: those around a sentence, then those that say most by themselves."""
        placed = [each for each in self._sentences.items() if _PLACE.search(each[0])]
        placed.sort(key=lambda each: (f"{{{INNER}}}" not in each[0], -len(_PLACE.sub("", each[0]))))
        return tuple((_pattern(english), translated) for english, translated in placed)

    def _one(self, english: str) -> str | None:
        exact = self._sentences.get(english) or self._words.get(english)
        if exact is not None and not _PLACE.search(exact):
            return exact
        for pattern, translated in self._patterns:
            found = pattern.fullmatch(english)
            filled = None if found is None else self._filled(translated, found.groupdict())
            if filled is not None:
                return filled
        return None

    def _filled(self, translated: str, places: Mapping[str, str]) -> str | None:
        told = {}
        for name, text in places.items():
            inner = self.known(text) if name == INNER else self._words.get(text, text)
            if inner is None:
                return None
            told[name] = inner
        # What stands in a place may hold braces, and is filled in once.
        return _PLACE.sub(lambda place: told[place[1]], translated)


ENGLISH = Language()
"""The language in which nothing is translated."""


def _first(several: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for each in several:
        for english, translated in each.items():
            found.setdefault(english, translated)
    return found


def _pattern(sentence: str) -> re.Pattern[str]:
    written: list[str] = []
    seen: set[str] = set()
    for at, part in enumerate(_PLACE.split(sentence)):
        if at % 2 == 0:
            written.append(re.escape(part))
        else:
            one = ".+" if part == INNER else _ONE_SENTENCE
            written.append(f"(?P={part})" if part in seen else f"(?P<{part}>{one})")
            seen.add(part)
    return re.compile("".join(written), re.DOTALL)
