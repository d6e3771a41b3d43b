"""Checks what was built into ``dist/``: every file that is to be released, and no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from release.distributions import DIST, all_distributions
from release.sdists import sdist_faults
from release.wheels import wheel_faults


def faults() -> Iterator[str]:
    """What is wrong with ``dist/``, a line each."""
    distributions = all_distributions()
    expected = {path for each in distributions for path in (each.wheel(), each.sdist())}
    for path in sorted(set(DIST.iterdir()) - expected):
        yield f"{path.name}: it belongs to no distribution of this version"
    versions = {each.version for each in distributions}
    if len(versions) != 1:
        yield f"dist: there are {len(versions)} versions: {', '.join(sorted(versions))}"
    for each in distributions:
        yield from (f"{each.wheel().name}: {fault}" for fault in wheel_faults(each, each.wheel()))
        yield from (f"{each.sdist().name}: {fault}" for fault in sdist_faults(each, each.sdist()))


if __name__ == "__main__":
    found = list(faults())
    if found:
        sys.exit("\n".join(found))
    print(f"{len(list(DIST.iterdir()))} files hold what they should, and nothing else.")
