"""A workstream's id as people read it: ``ws1_quality`` is "WS1 quality"."""

from __future__ import annotations

_VOWELS = frozenset("aeiouy")


def workstream_words(workstream: str) -> str:
    """The id in words; what has a digit or no vowel is an abbreviation, in capitals.

    Args:
        workstream: the id in snake case; another text stays as it is.
    """
    if not workstream.replace("_", "").isalnum() or workstream != workstream.lower():
        return workstream
    words = [_word(each) for each in workstream.split("_") if each]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]]) if words else workstream


def _word(word: str) -> str:
    is_short = any(char.isdigit() for char in word) or not _VOWELS & set(word)
    return word.upper() if is_short else word
