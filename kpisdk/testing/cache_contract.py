"""What the engine relies on, whatever keeps the results."""

from __future__ import annotations

import contextlib
import random
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, ClassVar

from kpisdk.contracts.cache_backends import Cache, CacheEntry
from kpisdk.errors import CacheError
from kpisdk.testing.outcomes import NoSubjectError, same

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
TICK = timedelta(microseconds=1)
HOSTILE = (
    "'; DROP TABLE results; --", 'quote " and \\', "line\nbreak\r\n", "nul\0inside", "ключ 🔑",
    "*[a-z]?", "",
)  # fmt: skip


def entry(
    key: str, text: str = "{}", kpi_id: str = "WS2-TR-004", expires: datetime = LATER
) -> CacheEntry:
    """An entry that expires in five minutes, unless said otherwise."""
    return CacheEntry(key, kpi_id, text, expires)


class CacheContract:
    """What every cache backend promises: inherit from it, and say how an empty cache is opened.

    ::

        class TestContract(CacheContract):
            def cache(self, folder):
                return MyCache(folder / "results")

    Checks: ``starts_empty``, ``returns_what_was_put``, ``takes_nothing``, ``replaces``,
    ``expires``, ``refuses_the_expired``, ``compares_instants``, ``clears_one_kpi``,
    ``clears_all``, ``counts_the_living``, ``says_where_it_is``, ``takes_many``,
    ``holds_hostile_strings``, ``holds_a_megabyte``, ``fails_with_cache_error``,
    ``behaves_like_a_dictionary``.

    A test that needs more than a folder (a server, say) overrides the fixture ``contract_cache``.
    """

    contract_of: ClassVar[str] = "cache"

    def cache(self, folder: Path) -> Cache:  # noqa: ARG002 - for those who override it
        """An empty cache, opened as the plugin's backend opens it; ``folder`` is empty too."""
        raise NoSubjectError(type(self).__name__, "cache(self, folder)")

    def test_starts_empty(self, contract_cache: Cache) -> None:
        """An unused cache answers every question with nothing, and makes no fuss about it."""
        same("what get finds", {}, dict(contract_cache.get(("a", "b"), NOW)))
        same("entries dropped", 0, contract_cache.clear())
        same("entries of a KPI dropped", 0, contract_cache.clear("WS2-TR-004"))
        info = contract_cache.info(NOW)
        told = (info["entries"], info["bytes"], info["oldest_expiry"])
        same("entries, bytes and oldest expiry", (0, 0, None), told)

    def test_returns_what_was_put(self, contract_cache: Cache) -> None:
        """Of the keys asked for, those stored come back with their texts; others are left out."""
        contract_cache.put((entry("a", "one"), entry("b", "two"), entry("c", "three")), NOW)

        found = dict(contract_cache.get(("a", "c", "unknown"), NOW))
        same("what get finds", {"a": "one", "c": "three"}, found)

    def test_takes_nothing(self, contract_cache: Cache) -> None:
        """No keys and no entries are a question like any other."""
        contract_cache.put((), NOW)

        same("what get finds", {}, dict(contract_cache.get((), NOW)))

    def test_replaces(self, contract_cache: Cache) -> None:
        """The newer text under a key wins, and takes its own expiry with it."""
        contract_cache.put((entry("a", "old", expires=NOW + timedelta(hours=1)),), NOW)
        contract_cache.put((entry("a", "new", expires=LATER),), NOW)

        same("the text under the key", {"a": "new"}, dict(contract_cache.get(("a",), NOW)))
        same("what is left at its expiry", {}, dict(contract_cache.get(("a",), LATER)))

    def test_expires(self, contract_cache: Cache) -> None:
        """An entry is there one microsecond before it expires, and gone at the instant itself."""
        contract_cache.put((entry("a"),), NOW)

        same("just before expiry", {"a": "{}"}, dict(contract_cache.get(("a",), LATER - TICK)))
        same("at expiry", {}, dict(contract_cache.get(("a",), LATER)))
        same("a day later", {}, dict(contract_cache.get(("a",), LATER + timedelta(days=1))))

    def test_refuses_the_expired(self, contract_cache: Cache) -> None:
        """An entry that is over when it is put is not returned, and replaces what was there."""
        contract_cache.put((entry("a", "before"),), NOW)
        contract_cache.put((entry("a", "over", expires=NOW),), NOW)

        same("what get finds", {}, dict(contract_cache.get(("a",), NOW)))

    def test_compares_instants(self, contract_cache: Cache) -> None:
        """An expiry in another zone is the same instant: 14:05 at +02:00 is 12:05 UTC."""
        elsewhere = datetime(2026, 3, 1, 14, 5, tzinfo=timezone(timedelta(hours=2)))
        contract_cache.put((entry("a", expires=elsewhere),), NOW)

        same("just before expiry", {"a": "{}"}, dict(contract_cache.get(("a",), LATER - TICK)))
        same("at expiry", {}, dict(contract_cache.get(("a",), LATER)))

    def test_clears_one_kpi(self, contract_cache: Cache) -> None:
        """Clearing a KPI drops its entries, counts them, and leaves the others alone."""
        other = entry("c", "three", kpi_id="WS2-TR-0045")
        contract_cache.put((entry("a", "one"), entry("b", "two"), other), NOW)

        same("entries dropped", 2, contract_cache.clear("WS2-TR-004"))
        left = dict(contract_cache.get(("a", "b", "c"), NOW))
        same("what is left", {"c": "three"}, left)

    def test_clears_all(self, contract_cache: Cache) -> None:
        """Clearing without a KPI drops everything."""
        contract_cache.put((entry("a"), entry("b", kpi_id="BR-001")), NOW)

        same("entries dropped", 2, contract_cache.clear())
        same("what is left", {}, dict(contract_cache.get(("a", "b"), NOW)))

    def test_counts_the_living(self, contract_cache: Cache) -> None:
        """Entries, their bytes in UTF-8 and the oldest expiry, of live entries only."""
        soon = NOW + timedelta(minutes=1)
        contract_cache.put((entry("a", "é\0x"), entry("b", "abc", expires=soon)), NOW)

        # é takes two bytes, NUL and x one each; abc takes three.
        same("entries, bytes and oldest expiry", (2, 7, soon), _told(contract_cache, NOW))
        same("the same once one is over", (1, 4, LATER), _told(contract_cache, soon))

    def test_says_where_it_is(self, contract_cache: Cache) -> None:
        """``kpisdk cache info`` says which backend answers, and where it keeps things."""
        info = contract_cache.info(NOW)

        same("whether backend and location are told", (True, True), (
            bool(info.get("backend")),
            bool(info.get("location")),
        ))  # fmt: skip

    def test_takes_many(self, contract_cache: Cache) -> None:
        """More keys than an engine takes in one statement come back all the same."""
        entries = tuple(entry(f"key-{number}", str(number)) for number in range(1501))
        contract_cache.put(entries, NOW)

        found = contract_cache.get(tuple(each.key for each in entries), NOW)
        same("1501 texts", {each.key: each.text for each in entries}, dict(found))
        same("entries dropped", 1501, contract_cache.clear())

    def test_holds_hostile_strings(self, contract_cache: Cache) -> None:
        """Keys, ids and texts are data: whatever they hold comes back as it was."""
        for word in HOSTILE:
            contract_cache.put((entry(f"key{word}", word, kpi_id=word), entry("calm", "x")), NOW)

            found = dict(contract_cache.get((f"key{word}",), NOW))
            same(f"the text under {word!r}", {f"key{word}": word}, found)
            same(f"entries of KPI {word!r} dropped", 1, contract_cache.clear(word))
            left = dict(contract_cache.get(("calm", f"key{word}"), NOW))
            same("what is left", {"calm": "x"}, left)

    def test_holds_a_megabyte(self, contract_cache: Cache) -> None:
        """Results of a megabyte are stored whole."""
        text = "0123456789abcdef" * 65536
        contract_cache.put((entry("large", text),), NOW)

        found = contract_cache.get(("large",), NOW).get("large", "")
        same("its length", len(text), len(found))
        same("whether it is the same text", True, found == text)

    def test_fails_with_cache_error(self, contract_cache: Cache) -> None:
        """A text that no encoding holds is kept or refused with CacheError; nothing else."""
        lone, expected = "lone \udcff surrogate", {}
        with contextlib.suppress(CacheError):
            contract_cache.put((entry("a", lone),), NOW)
            expected = {"a": lone}

        same("what get finds", expected, dict(contract_cache.get(("a",), NOW)))

    def test_behaves_like_a_dictionary(self, contract_cache: Cache) -> None:
        """After any sequence of puts, a get returns the last text of each key that still lives."""
        pick = random.Random(5)  # noqa: S311 - test data, not secrets
        for _ in range(20):
            contract_cache.clear()
            expected: dict[str, tuple[str, datetime]] = {}
            for _ in range(pick.randrange(12)):
                key, text = pick.choice("abcd"), "".join(pick.choices("xyzé\n", k=3))
                expires = NOW + timedelta(minutes=pick.randrange(-2, 5))
                contract_cache.put((entry(key, text, expires=expires),), NOW)
                expected[key] = (text, expires)
            moment = NOW + timedelta(minutes=pick.randrange(6))
            living = {key: text for key, (text, expires) in expected.items() if expires > moment}
            found = dict(contract_cache.get(tuple("abcd"), moment))
            same(f"what lives at {moment:%H:%M}", living, found)


def _told(cache: Cache, now: datetime) -> tuple[Any, Any, Any]:
    info = cache.info(now)
    return info["entries"], info["bytes"], info["oldest_expiry"]
