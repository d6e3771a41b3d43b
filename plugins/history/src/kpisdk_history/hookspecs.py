"""The hook by which other plugins send alerts elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from kpisdk_history.alerts.channels import AlertChannel

hookspec = pluggy.HookspecMarker("kpisdk")

ALERTS = "kpisdk_alerts"
"""The hook's name, by which delivery asks for what it brings."""


@hookspec
def kpisdk_alerts() -> Iterable[AlertChannel]:  # type: ignore[empty-body]  # a hook
    """Give :class:`kpisdk_history.AlertChannel` records: where digests of alerts may go.

    A channel has a scheme, which addresses in ``notify`` begin with, and a function from an address
    and a :class:`kpisdk_history.Digest`. What it raises keeps the digest in the outbox for another
    attempt. A channel wins over the service of Apprise that goes by its scheme.
    """
