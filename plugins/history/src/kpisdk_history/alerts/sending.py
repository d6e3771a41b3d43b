"""One message to one address: by a plugin's channel, or by Apprise; why not, without a secret."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from kpisdk import KpisdkError, Settings
from kpisdk_history.alerts.channels import Channels
from kpisdk_history.alerts.digests import Digest
from kpisdk_history.alerts.rules import scheme_of

_CODE = re.compile(r"\berror=(?P<code>\d{3})\b")


def send(target: str, digest: Digest, channels: Channels, settings: Settings) -> str | None:
    """Send a digest; ``None`` when it was accepted, else why it was not.

    What a service or a plugin says may hold the address, and the address holds secrets: of an
    answer the code is told, of an exception its kind.

    Args:
        target: the address.
        digest: what to tell.
        channels: those of plugins, which are asked first.
        settings: the settings, which know what is secret.
    """
    scheme = scheme_of(target) or ""
    channel = channels.known.get(scheme)
    if channel is None:
        return _by_apprise(target, scheme, digest)
    try:
        channel.send(target, digest)
    except KpisdkError as error:
        return f"the channel {scheme} refused it: {settings.redact(error.message)}"
    except Exception as error:  # noqa: BLE001 - a plugin's channel may raise anything
        return f"the channel {scheme} failed ({type(error).__name__})"
    return None


def _by_apprise(target: str, scheme: str, digest: Digest) -> str | None:
    import apprise

    with _overheard() as said:
        try:
            # Nothing that is sent is kept on this machine.
            asset = apprise.AppriseAsset(
                app_id="kpisdk",
                app_desc="KPI alerts",
                storage_mode=apprise.PersistentStoreMode.MEMORY,
            )
            carrier = apprise.Apprise(asset=asset)
            if not carrier.add(target):
                return f"no service of Apprise takes this address of {scheme}"
            is_accepted = carrier.notify(
                title=digest.title,
                body=digest.text,
                body_format=apprise.NotifyFormat.TEXT,
                interpret_escapes=False,
            )
        except Exception as error:  # noqa: BLE001 - a hundred services, each with its libraries
            return f"{scheme} failed ({type(error).__name__})"
    if is_accepted:
        return None
    code = next((found["code"] for text in said if (found := _CODE.search(text))), None)
    return f"{scheme} did not accept it" + (f" (it answered {code})" if code else "")


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What Apprise logs, kept from every log: it may hold addresses; its warnings are dropped."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger, listener = logging.getLogger("apprise"), Listener()
    before = logger.handlers[:], logger.propagate, logger.level
    logger.handlers, logger.propagate = [listener], False
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            # Libraries of services that nobody here uses are loaded with the others.
            warnings.simplefilter("ignore")
            yield said
    finally:
        logger.handlers, logger.propagate = before[0], before[1]
        logger.setLevel(before[2])
