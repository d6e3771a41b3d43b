"""``kpisdk alerts``: which are open, silence them, try their receivers, send what waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from kpisdk.command_line import Installation, output_option, show, table_format, wide_option

if TYPE_CHECKING:
    from kpisdk import Workspace
    from kpisdk_history import Store
    from kpisdk_history.alerts.delivering import Courier
    from kpisdk_history.alerts.rules import AlertRule

FAILED = 1
"""What a command exits with where a receiver did not accept a message."""

store_option = click.option(
    "--store", metavar="URL|FILE", help="Where runs are kept; by default the settings'."
)


@attrs.frozen
class _Alerts:
    """What the subcommands share."""

    here: Installation
    workspace: Workspace
    rules: Mapping[str, AlertRule]
    store: Store

    def require_store(self) -> None:
        """Refuse to make a store by asking for what is in it."""
        from kpisdk_history.errors import NoStoreError

        if not self.store.is_there():
            raise NoStoreError(self.store.shown)

    def courier(self) -> Courier:
        """Who delivers; what is wrong with channels is told."""
        from kpisdk_history.alerts.channels import Channels
        from kpisdk_history.alerts.delivering import Courier

        channels = Channels.of(self.workspace)
        for each in channels.faults:
            self.here.note(f"Warning: {each}")
        settings, clock = self.workspace.settings, self.workspace.now
        return Courier(self.store, self.rules, channels, settings, clock)


@contextmanager
def _opened(ctx: click.Context, store: str | None) -> Iterator[_Alerts]:
    """The rules and the store; names in the rules that nobody knows are told."""
    from kpisdk_history.alerts.watching import faults
    from kpisdk_history.recording import store_of
    from kpisdk_history.settings import history_settings

    here = ctx.ensure_object(Installation)
    with here.workspace() as workspace:
        rules = history_settings(workspace.settings).alerts
        for each in faults(rules, workspace.registry.kpis):
            here.note(f"Warning: {each}")
        yield _Alerts(here, workspace, rules, store_of(workspace.settings, store))


@click.group("alerts")
def command() -> None:
    """Alerts of [plugins.history.alerts.NAME]: list, acknowledge, test, deliver."""


@command.command("list")
@click.option(
    "--since",
    default="30d",
    show_default=True,
    metavar="T",
    help="Of what is over, only what is newer: 2026-03-01, or 90d.",
)
@store_option
@table_format()
@wide_option
@output_option
@click.pass_context
def list_alerts(
    ctx: click.Context, since: str, store: str | None, form: str, wide: bool, output: Path | None
) -> None:
    """Alerts that are open, acknowledged or cleared, and what happened once."""
    from kpisdk_history.alerts.listing import COLUMNS, listed_alerts
    from kpisdk_history.alerts.moments import back

    with _opened(ctx, store) as alerts:
        alerts.require_store()
        now = alerts.workspace.now()
        with alerts.store.reading() as reading:
            found = listed_alerts(
                reading,
                now,
                since=back("--since", since, now),
                rules=alerts.rules,
                kpi_ids=alerts.workspace.registry.kpis,
            )
        if form in ("json", "jsonl"):
            rows, document = [each.to_dict() for each in found.alerts], found.to_dict()
        else:
            rows, document = [each.cells() for each in found.alerts], None
        columns = list(dict.fromkeys(name for row in rows for name in row)) or list(COLUMNS)
        show(alerts.here, rows, columns, form, output, wide=wide, document=document)
        if not rows:
            alerts.here.note("No alert is open, and none was since then.")
        if found.waiting:
            alerts.here.note(f"Not delivered yet: {found.waiting}. Run kpisdk alerts deliver.")


@command.command("ack")
@click.argument("name")
@click.option("--until", required=True, metavar="DATE", help="2026-03-08 (UTC), or 3d.")
@click.option("--kpi", metavar="KPI", help="Only the alerts on that KPI.")
@store_option
@click.pass_context
def acknowledge_alerts(
    ctx: click.Context, name: str, until: str, kpi: str | None, store: str | None
) -> None:
    """Say nothing of the open alerts of a rule until a date.

    What opens later is told, and so is what gets worse. What still holds on that date is told again
    by the next run.
    """
    from kpisdk_history.alerts.acknowledging import acknowledge, rule_named
    from kpisdk_history.alerts.moments import ahead

    with _opened(ctx, store) as alerts:
        now = alerts.workspace.now()
        moment = ahead("--until", until, now)
        rule_named(name, alerts.rules)
        alerts.require_store()
        with alerts.store.writing() as writing:
            done = acknowledge(writing, name, moment, now, kpi)
        for each in done:
            alerts.here.note(f"Silent until {moment:%Y-%m-%d %H:%M} UTC: {name}, {each.where}.")


@command.command("test")
@click.argument("name")
@click.pass_context
def test_alert(ctx: click.Context, name: str) -> None:
    """Send a test message to every receiver of a rule; exits with 1 if one refuses it."""
    from kpisdk_history.alerts.acknowledging import rule_named

    with _opened(ctx, None) as alerts:
        rule_named(name, alerts.rules)
        told = list(alerts.courier().test(name))
        for receiver, failure in told:
            alerts.here.note(f"{receiver}: {'accepted' if failure is None else failure}.")
        if not told:
            alerts.here.note(f"{name} has no receiver: notify names none. It is only listed.")
        if any(failure is not None for _, failure in told):
            ctx.exit(FAILED)


@command.command("deliver")
@click.option("--now", is_flag=True, help="Do not wait for the pause after a failure to be over.")
@store_option
@click.pass_context
def deliver_alerts(ctx: click.Context, now: bool, store: str | None) -> None:
    """Send the messages that wait; record does that, too. Exits with 1 if one is refused."""
    with _opened(ctx, store) as alerts:
        alerts.require_store()
        done = alerts.courier().deliver(early=now)
        for each in done.failures:
            alerts.here.note(f"Not delivered, and kept: {each}.")
        wait = "waits" if done.waiting == 1 else "wait"
        alerts.here.note(f"Delivered {done.sent}; {done.waiting} {wait}.")
        if done.failures:
            ctx.exit(FAILED)
