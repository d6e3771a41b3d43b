"""Channels of other plugins: where digests go that no service of Apprise reaches."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from kpisdk import Workspace
from kpisdk_history.alerts.digests import Digest
from kpisdk_history.hookspecs import ALERTS

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,39}", re.ASCII)


def _scheme(_channel: Any, _field: Any, text: str) -> None:
    if _SCHEME.fullmatch(text) is None:
        raise ValueError(f"a scheme is lower-case letters, digits, +, . and -; it is {text!r}")


@attrs.frozen
class AlertChannel:
    """Somewhere that digests go, by the scheme of its addresses.

    Attributes:
        scheme: what addresses in ``notify`` begin with before ``://``, in lower case.
        send: delivers a digest to an address, and returns when it is accepted there. Whatever it
            raises means that it was not: the digest stays in the outbox and goes again later.

    Raises:
        ValueError: the scheme is none.
    """

    scheme: str = attrs.field(validator=_scheme)
    send: Callable[[str, Digest], object]


@attrs.frozen
class Channels:
    """The channels of a workspace's plugins by scheme, and what is wrong with some.

    Attributes:
        known: the channels by scheme.
        faults: a sentence for each plugin whose channels cannot be used.
    """

    known: Mapping[str, AlertChannel] = attrs.field(factory=dict)
    faults: tuple[str, ...] = ()

    @classmethod
    def of(cls, workspace: Workspace) -> Channels:
        """Those that the plugins of a workspace bring; of two for one scheme the first is used."""
        known: dict[str, tuple[AlertChannel, str]] = {}
        faults: list[str] = []
        for extension in workspace.extensions(ALERTS):
            who = f"{extension.plugin} ({extension.distribution})"
            if extension.error is not None:
                faults.append(f"The channels of {who} cannot be used: {extension.error}")
            for each in extension.records:
                if not isinstance(each, AlertChannel):
                    faults.append(f"{who} brings a {type(each).__name__} as a channel of alerts.")
                elif each.scheme in known:
                    first = known[each.scheme][1]
                    faults.append(
                        f"{first} and {who} both bring {each.scheme}://; {first} is used."
                    )
                else:
                    known[each.scheme] = (each, who)
        return cls({scheme: channel for scheme, (channel, _) in known.items()}, tuple(faults))
