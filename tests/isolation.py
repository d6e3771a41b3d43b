"""Asserts that an environment holds the core and at most the one plugin it is named for."""

from __future__ import annotations

import sys
from importlib.metadata import distributions

environment = sys.argv[1]
expected = {"kpisdk"} | ({f"kpisdk-{environment.replace('_', '-')}"} - {"kpisdk-core"})
found = {name for each in distributions() if (name := each.metadata["Name"]).startswith("kpisdk")}
if found != expected:
    sys.exit(f"environment {environment} holds {sorted(found)}, and should hold {sorted(expected)}")
print(f"environment {environment} holds {', '.join(sorted(found))} and nothing else of ours")
