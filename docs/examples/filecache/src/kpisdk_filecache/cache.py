"""One JSON file for each result, in a folder: readable, and shared wherever a disk is.

A file appears whole or not at all, since it is written beside its place and then renamed.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from kpisdk import CacheEntry, CacheError, Problem, SettingsError


@attrs.frozen
class FileCache:
    """Entries in the files ``*.json`` of a folder; whatever goes wrong is a ``CacheError``."""

    folder: Path

    def get(self, keys: tuple[str, ...], now: datetime) -> dict[str, str]:
        """The texts of those keys that are stored and not expired at ``now``."""
        with self._faults("read"):
            entries = [_read(self._file(key)) for key in keys]
        return {
            entry.key: entry.text for entry in entries if entry is not None and entry.expires > now
        }

    def put(self, entries: tuple[CacheEntry, ...], now: datetime) -> None:
        """Store entries; one that is over already replaces what was under its key by nothing."""
        with self._faults("write"):
            self.folder.mkdir(parents=True, exist_ok=True)
            for entry in entries:
                if entry.expires > now:
                    _write(self._file(entry.key), entry)
                else:
                    self._file(entry.key).unlink(missing_ok=True)

    def clear(self, kpi_id: str | None = None) -> int:
        """Drop the entries of one KPI, or all; the number dropped."""
        with self._faults("clear"):
            chosen = [file for file, entry in self._all() if kpi_id in (None, entry.kpi_id)]
            for file in chosen:
                file.unlink(missing_ok=True)
        return len(chosen)

    def info(self, now: datetime) -> Mapping[str, Any]:
        """What ``kpisdk cache info`` prints of the entries that live."""
        with self._faults("read"):
            live = [entry for _, entry in self._all() if entry.expires > now]
        return {
            "backend": "filecache",
            "location": str(self.folder),
            "entries": len(live),
            "bytes": sum(len(entry.text.encode()) for entry in live),
            "oldest_expiry": min((entry.expires for entry in live), default=None),
        }

    def _file(self, key: str) -> Path:
        # A key may be any text; a file name may not.
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _all(self) -> Iterator[tuple[Path, CacheEntry]]:
        for file in self.folder.glob("*.json"):
            entry = _read(file)
            if entry is not None:
                yield file, entry

    @contextmanager
    def _faults(self, action: str) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, KeyError, TypeError) as error:
            advice = "Check the folder's permissions, or name another path under [cache]."
            raise CacheError(str(self.folder), action, str(error), advice) from error


def open_cache(settings: Mapping[str, Any]) -> FileCache:
    """The cache in the folder that ``path`` of ``[cache]`` names.

    Raises:
        SettingsError: no path is set.
    """
    if settings.get("path") is None:
        what = "must name the folder that the backend 'filecache' keeps results in"
        raise SettingsError("The settings", [Problem("cache.path", what)])
    return FileCache(Path(settings["path"]))


def _read(file: Path) -> CacheEntry | None:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        expires = datetime.fromisoformat(raw["expires"])
        return CacheEntry(raw["key"], raw["kpi_id"], raw["text"], expires)
    except FileNotFoundError:  # another process dropped it a moment ago
        return None
    except (ValueError, KeyError, TypeError):  # cut, or somebody else's: no entry of ours
        return None


def _write(file: Path, entry: CacheEntry) -> None:
    raw = {**attrs.asdict(entry), "expires": entry.expires.isoformat()}
    beside = file.with_name(f"{file.stem}.{os.getpid()}.part")
    beside.write_text(json.dumps(raw), encoding="utf-8")
    beside.replace(file)
