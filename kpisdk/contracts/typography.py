"""How a language sets its texts and figures for people: spaces before marks, the decimal mark."""

from __future__ import annotations

import re

NARROW = "\u202f"
"""The narrow no-break space: before ``: ; ? !``, inside ``« »``, between thousands."""

FRENCH = "fr"

# A colon inside a code (EDU:1), an address or a time has no space in front and stays as it is.
_BEFORE_A_MARK = re.compile(r"[ \u00a0](?=[:;?!»](?:\s|$|[)\]]))")
_AFTER_A_QUOTE = re.compile(r"(?<=«)[ \u00a0]")
_BEFORE_A_UNIT = re.compile(r"(?<=\d) (?=%)")
_FIGURE = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.]*\w)")
_BETWEEN_ENDS = re.compile(r"(?<=\d), (?=[-+]?\d)")


def typeset(text: str, language: str) -> str:
    """A text with the no-break spaces that its language wants; others are as they were written."""
    if not language.startswith(FRENCH):
        return text
    for pattern in (_BEFORE_A_MARK, _AFTER_A_QUOTE, _BEFORE_A_UNIT):
        text = pattern.sub(NARROW, text)
    return text


def colon(language: str) -> str:
    """A colon, with the space in front that its language wants."""
    return f"{NARROW}:" if language.startswith(FRENCH) else ":"


def numeral(text: str, language: str) -> str:
    """Figures as people write them: ``12,345.6`` is ``12 345,6`` in French, ``[1, 2]`` ``[1 ; 2]``.

    What is no figure (a name, a date, a version) stays as it is.
    """
    if not language.startswith(FRENCH):
        return text
    apart = _BETWEEN_ENDS.sub(f"{NARROW}; ", text)
    return typeset(_FIGURE.sub(lambda found: _written(found[0]), apart), language)


def _written(figure: str) -> str:
    return figure.replace(",", NARROW).replace(".", ",")
