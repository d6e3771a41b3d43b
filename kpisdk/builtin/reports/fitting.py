"""Which columns of a table stay where there is no room for all, and how a text is folded."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence

# A word, or a part of one up to its hyphens, with the space behind it.
# A narrow no-break space is part of its word.
_SPACE, _LETTER = r"[^\S\u202f]", r"[\S\u202f]"
_PARTS = re.compile(rf"(?:(?!-){_LETTER})*-+{_SPACE}*|(?:(?!-){_LETTER})+{_SPACE}*|{_SPACE}+")
_WORDS = re.compile(rf"{_LETTER}+{_SPACE}*|{_SPACE}+")


def output_width(environ: Mapping[str, str]) -> int:
    """How wide what standard output goes to is: ``COLUMNS``, or its terminal's; 0: nobody says."""
    told = environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return 0


def kept_columns(
    least: Mapping[str, int], order: Sequence[str], width: int, gap: int
) -> tuple[str, ...]:
    """The columns that fit: one after the other is left out, in a fixed order, until they do.

    Args:
        least: how many columns of the terminal each column of the table needs, by title.
        order: the titles of those that may be left out, the first to go first.
        width: how many there are.
        gap: how many stand between two columns.
    """
    kept = list(least)
    for title in order:
        if sum(least[each] for each in kept) + gap * (len(kept) - 1) <= width:
            break
        if title in kept:
            kept.remove(title)
    return tuple(kept)


def folded(text: str, width: int, at_hyphens: bool = False) -> list[str]:
    """``text`` in lines of at most ``width`` cells, broken at spaces (and after hyphens).

    A word that is longer stands whole in a line of its own.
    """
    from rich.cells import cell_len

    lines, line = [], ""
    for part in (_PARTS if at_hyphens else _WORDS).findall(text):
        if line and cell_len(line + part.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += part
    return [*lines, line.rstrip()]


def longest_part(text: str, at_hyphens: bool = False) -> int:
    """The cells of the longest part that :func:`folded` does not break."""
    from rich.cells import cell_len

    parts = (_PARTS if at_hyphens else _WORDS).findall(text)
    return max((cell_len(part.rstrip()) for part in parts), default=0)


def hanging(texts: Iterable[str], width: int | None, indent: str) -> str:
    """Texts as lines, folded to ``width`` where one is given; what follows is indented."""
    if width is None:
        return "".join(f"{text}\n" for text in texts)
    joined = f"\n{indent}"
    room = max(width - len(indent), 1)
    return "".join(f"{joined.join(folded(text, room))}\n" for text in texts)
