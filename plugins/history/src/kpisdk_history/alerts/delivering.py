"""The messages that wait are delivered, each by itself; a dead receiver holds up nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import attrs

from kpisdk import Settings
from kpisdk_history.alerts.channels import Channels
from kpisdk_history.alerts.digests import Digest
from kpisdk_history.alerts.outbox import (
    Message,
    claim,
    due,
    put_back,
    tick_off,
    waiting,
    was_interrupted,
)
from kpisdk_history.alerts.rules import AlertRule, scheme_of
from kpisdk_history.alerts.sending import send
from kpisdk_history.store import Store


@attrs.frozen(kw_only=True)
class Delivery:
    """What came of one round of deliveries.

    Attributes:
        sent: how many messages were accepted.
        failures: a sentence for each receiver that did not accept one; the message is kept.
        waiting: how many messages wait for another attempt.
    """

    sent: int = 0
    failures: tuple[str, ...] = ()
    waiting: int = 0


@attrs.frozen
class Courier:
    """Who delivers: the rules with their addresses, the channels, and a clock.

    Attributes:
        store: where the outbox is.
        rules: the rules by name.
        channels: those of plugins.
        settings: the settings, which know what is secret.
        clock: says when this is.
    """

    store: Store
    rules: Mapping[str, AlertRule]
    channels: Channels
    settings: Settings
    clock: Callable[[], datetime]

    def deliver(self, *, early: bool = False) -> Delivery:
        """Send the messages that are due, the oldest first, each at most once.

        A receiver that refuses one is asked no more in this round, so that its messages stay in
        their order.

        Args:
            early: send what waits after a failure, too.

        Raises:
            StoreError: the outbox cannot be read or written.
        """
        with self.store.reading() as reading:
            messages = due(reading, self.clock(), early=early)
        sent, failures, dead = 0, [], set[tuple[str, str]]()
        for message in messages:
            receiver = (message.alert, message.channel)
            if receiver in dead or not self._claimed(message):
                continue
            failure = self._send(message)
            with self.store.writing() as writing:
                if failure is None:
                    tick_off(writing, message, self.clock())
                else:
                    put_back(writing, message, self.clock(), failure)
            if failure is None:
                sent += 1
            else:
                dead.add(receiver)
                failures.append(f"{_receiver(message)}: {failure}")
        with self.store.reading() as reading:
            left = waiting(reading)
        return Delivery(sent=sent, failures=tuple(failures), waiting=left)

    def _claimed(self, message: Message) -> bool:
        with self.store.writing() as writing:
            return claim(writing, message, self.clock())

    def _send(self, message: Message) -> str | None:
        target = self._target(message)
        if target is None:
            return "the settings have this receiver no more; put it back, and the message goes"
        digest = attrs.evolve(message.digest, repeated=was_interrupted(message))
        return send(target, digest, self.channels, self.settings)

    def _target(self, message: Message) -> str | None:
        """The address of a message: at its place in its rule, or the only one of its service."""
        rule = self.rules.get(message.alert)
        place, _, scheme = message.channel.partition(" ")
        if rule is None:
            return None
        alike = [each for each in rule.notify if scheme_of(each) == scheme]
        if int(place) < len(rule.notify) and rule.notify[int(place)] in alike:
            return rule.notify[int(place)]
        return alike[0] if len(alike) == 1 else None

    def test(self, name: str) -> Iterator[tuple[str, str | None]]:
        """Send a test to every receiver of a rule; each with why it was not accepted, if so.

        Args:
            name: the rule.
        """
        digest = Digest(run_key="test", at=self.clock(), source="a test of the alert", changes=())
        for place, target in enumerate(self.rules[name].notify):
            told = send(target, digest, self.channels, self.settings)
            yield f"{name}, receiver {place + 1} ({scheme_of(target)})", told


def _receiver(message: Message) -> str:
    place, _, scheme = message.channel.partition(" ")
    return f"{message.alert}, receiver {int(place) + 1} ({scheme})"
