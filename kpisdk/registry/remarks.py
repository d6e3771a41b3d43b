"""What plugins have to say of results: warnings beside them, and nothing that changes them."""

from __future__ import annotations

from collections.abc import Iterable

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.plugins.records import Plugin
from kpisdk.quarantine import PluginFaultError, described
from kpisdk.settings import Settings

HOOK = "kpisdk_remarks"


class Remarks:
    """The plugins that have the hook ``kpisdk_remarks``, in their order."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self._plugins = tuple(each for each in plugins if each.implements(HOOK))

    def on(
        self, results: tuple[Result, ...], request: Request, settings: Settings
    ) -> tuple[tuple[Result, ...], tuple[Note, ...]]:
        """The results with what plugins say of them, and a note for each plugin that fails."""
        found, notes = list(results), []
        for plugin in self._plugins:
            try:
                answer = plugin.ask(HOOK, results=results, request=request, settings=settings)
                for place, note in _checked(answer, len(results)):
                    found[place] = found[place].with_notes(note)
            except Exception as error:  # noqa: BLE001 - a remark never breaks a computation
                words = error.message if isinstance(error, PluginFaultError) else described(error)
                who = f"Plugin {plugin.name!r} ({plugin.label}) could not say what it knows of "
                notes.append(Note("remarks_failed", f"{who}these results: {words}"))
        return tuple(found), tuple(notes)


def _checked(answer: object, many: int) -> list[tuple[int, Note]]:
    """What a plugin yielded: all of it, or an error."""
    found = [] if answer is None else list(answer)  # type: ignore[call-overload]
    for each in found:
        place, note = each
        if not isinstance(note, Note) or type(place) is not int or not 0 <= place < many:
            raise TypeError(f"{each!r:.80} is no position of a result with a Note")
    return found
