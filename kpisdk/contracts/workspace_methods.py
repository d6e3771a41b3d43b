"""A method of the workspace that a plugin brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from kpisdk.contracts.datasets import NAME_PATTERN


@attrs.frozen
class WorkspaceMethod:
    """What ``workspace.<name>(...)`` calls, with the workspace as its first argument.

    Attributes:
        name: the method's name, in snake case; the workspace's own names always win.
        call: what is called. Import what it needs inside it.
        description: what it does, in a sentence.
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(NAME_PATTERN))
    call: Callable[..., Any]
    description: str = ""
