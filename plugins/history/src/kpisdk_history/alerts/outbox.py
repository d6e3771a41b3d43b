"""The outbox: messages written with a run, claimed before they go out, ticked off when they are.

A message is claimed in a transaction of its own, sent, and ticked off in another one. What a
receiver acknowledged and was ticked off is never sent again. A process that is killed between the
two leaves a claim without a result: when that ran out the message goes once more, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import attrs
import sqlalchemy as sa

from kpisdk_history.alerts.digests import AlertChange, Digest, in_order
from kpisdk_history.alerts.rules import AlertRule, scheme_of
from kpisdk_history.store import Reading, Run, Writing
from kpisdk_history.store.tables import OUTBOX

FIRST_PAUSE = timedelta(minutes=1)
"""How long a message waits after its first failure; each further one doubles it."""

LONGEST_PAUSE = timedelta(hours=6)
"""No message waits longer than that for its next attempt."""

CLAIM = timedelta(minutes=5)
"""How long a claimed message is left to who claimed it."""

_C = OUTBOX.c


@attrs.frozen(kw_only=True)
class Message:
    """A message of the outbox.

    Attributes:
        id: its number.
        alert: the rule whose target it goes to.
        channel: which target of the rule: its place and service, such as ``0 slack``.
        digest: what it tells.
        attempts: how often it was claimed.
        created_at: when it was written.
        failure: why the last attempt failed; ``None`` where there was none, or nobody knows.
    """

    id: int
    alert: str
    channel: str
    digest: Digest
    attempts: int
    created_at: datetime
    failure: str | None


def post(
    writing: Writing, run: Run, changes: Sequence[AlertChange], rules: Mapping[str, AlertRule]
) -> None:
    """Write one digest of a run for each target that is to be told any of it.

    A target that several rules name gets one digest of all of them. No address is written: the
    rule's name and the target's place find it again.

    Args:
        writing: the transaction of the run.
        run: the run.
        changes: what is to be told.
        rules: the rules by name.
    """
    lines: dict[str, list[AlertChange]] = {}
    home: dict[str, tuple[str, str]] = {}
    for change in changes:
        for place, target in enumerate(rules[change.alert].notify):
            lines.setdefault(target, []).append(change)
            home.setdefault(target, (change.alert, channel_of(place, target)))
    for target, mine in lines.items():
        alert, channel = home[target]
        source = run.source_name
        digest = Digest(run_key=run.key, at=run.recorded_at, source=source, changes=in_order(mine))
        values = {
            "key": f"{run.id}:{alert}:{channel}",
            "run_id": run.id,
            "alert": alert,
            "channel": channel,
            "title": digest.title,
            "body": digest.text,
            "payload": digest.to_json(),
            "created_at": run.recorded_at,
            "attempts": 0,
        }
        writing.connection.execute(sa.insert(OUTBOX).values(values))


def channel_of(place: int, target: str) -> str:
    """A target of a rule without its secrets: its place among them, and its service.

    Args:
        place: where the target stands in the rule, from 0.
        target: its address.
    """
    return f"{place} {scheme_of(target)}"


def due(reading: Reading, now: datetime, *, early: bool = False) -> tuple[Message, ...]:
    """The messages that wait for an attempt now, the oldest first.

    Where the clock went back, an attempt would lie further ahead than any pause is long: it is due.

    Args:
        reading: the store.
        now: when this is.
        early: those that are to wait after a failure, too.
    """
    is_due = sa.or_(
        _C.next_attempt_at.is_(None),
        _C.next_attempt_at <= now,
        _C.next_attempt_at > now + LONGEST_PAUSE,
    )
    if early:
        is_due = sa.or_(is_due, _C.failure.is_not(None))
    statement = sa.select(OUTBOX).where(_C.delivered_at.is_(None), is_due).order_by(_C.id)
    rows = reading.connection.execute(statement).mappings()
    return tuple(
        Message(
            id=row["id"],
            alert=row["alert"],
            channel=row["channel"],
            digest=Digest.from_json(row["payload"]),
            attempts=row["attempts"],
            created_at=row["created_at"],
            failure=row["failure"],
        )
        for row in rows
    )


def waiting(reading: Reading) -> int:
    """How many messages are not delivered."""
    statement = sa.select(sa.func.count()).select_from(OUTBOX).where(_C.delivered_at.is_(None))
    return int(reading.connection.execute(statement).scalar_one())


def claim(writing: Writing, message: Message, now: datetime) -> bool:
    """Take a message for one attempt; ``False`` where somebody else took it meanwhile.

    Args:
        writing: a transaction.
        message: the message, as it was read.
        now: when this is.
    """
    mine = sa.and_(_C.id == message.id, _C.delivered_at.is_(None), _C.attempts == message.attempts)
    values = {"attempts": message.attempts + 1, "next_attempt_at": now + CLAIM, "failure": None}
    made = writing.connection.execute(sa.update(OUTBOX).where(mine).values(values))
    return made.rowcount == 1


def was_interrupted(message: Message) -> bool:
    """Whether an attempt was begun, and nobody knows how it ended."""
    return message.attempts > 0 and message.failure is None


def tick_off(writing: Writing, message: Message, now: datetime) -> None:
    """Note that a message is delivered.

    Args:
        writing: a transaction.
        message: the message.
        now: when it was accepted.
    """
    values = {"delivered_at": now, "next_attempt_at": None, "failure": None}
    writing.connection.execute(sa.update(OUTBOX).where(_C.id == message.id).values(values))


def put_back(writing: Writing, message: Message, now: datetime, failure: str) -> None:
    """Note that an attempt failed, and when the next one is due.

    Args:
        writing: a transaction.
        message: the message, as it was before the attempt.
        now: when it failed.
        failure: why, without a secret.
    """
    values = {"failure": failure, "next_attempt_at": now + pause(message.attempts + 1)}
    writing.connection.execute(sa.update(OUTBOX).where(_C.id == message.id).values(values))


def pause(failures: int) -> timedelta:
    """How long a message waits after so many failures: 1, 2, 4 minutes, and at most 6 hours."""
    doubled: int = 2 ** min(failures - 1, 20)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)
