"""Tables that one source's settings say lie in another source, and what can be wrong with that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpisdk.errors import Problem, UnknownNameError
from kpisdk.settings.paths import joined
from kpisdk.settings.settings_records import SourceSettings, TableMapping


def misplaced(sources: Mapping[str, SourceSettings]) -> Iterator[Problem]:
    """The tables whose other source is not there, is their own, or sends them on.

    Args:
        sources: the sources of the settings by name.
    """
    for name, how in sources.items():
        for dataset, mapping in how.tables.items():
            if mapping.source is None:
                continue
            where = joined(f"{joined('sources', name)}.tables", dataset) + ".source"
            if mapping.source == name:
                yield Problem(where, f"names {name!r}, the source that it is in; leave it out")
            elif mapping.source not in sources:
                unknown = UnknownNameError("source", mapping.source, tuple(sources))
                yield Problem(where, unknown.message)
            else:
                further = sources[mapping.source].tables.get(dataset, TableMapping()).source
                if further is not None:
                    what = f"names {mapping.source!r}, whose settings send it on to {further!r}"
                    yield Problem(where, f"{what}; name the source that the table lies in")
