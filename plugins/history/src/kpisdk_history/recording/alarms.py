"""What ``record`` does about alerts: nothing without rules, else judge and deliver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from kpisdk import KpisdkError, Note, Workspace
from kpisdk_history.alerts.rules import AlertRule

if TYPE_CHECKING:
    from kpisdk_history.alerts.evaluating import Evaluation
    from kpisdk_history.recording.recording import Recording
    from kpisdk_history.store import Store


@attrs.frozen
class Alarm:
    """The alerts of one call of ``record``.

    Attributes:
        workspace: what computes, and knows the clock and the plugins.
        rules: the rules by name.
        evaluation: what judges them; ``None`` without rules.
    """

    workspace: Workspace
    rules: Mapping[str, AlertRule]
    evaluation: Evaluation | None = None

    @classmethod
    def of(cls, workspace: Workspace, rules: Mapping[str, AlertRule]) -> Alarm:
        """That of a workspace with the rules of its settings; without any, nothing is loaded.

        Args:
            workspace: what computes.
            rules: the rules by name.
        """
        if not rules:
            return cls(workspace, rules)
        from kpisdk_history.alerts.evaluating import Evaluation

        kpis = workspace.registry.kpis
        return cls(workspace, rules, Evaluation(rules, kpis, workspace.settings))

    @property
    def within(self) -> tuple[Callable[..., None], ...]:
        """What is called within the transaction of the run."""
        return () if self.evaluation is None else (self.evaluation,)

    def delivered(self, store: Store, made: Recording) -> Recording:
        """The recording with its alerts, after what waits was sent.

        The run is recorded by now: whatever goes wrong from here on is a note of it.

        Args:
            store: where the outbox is.
            made: what was recorded.
        """
        if self.evaluation is None:
            return made
        from kpisdk_history.alerts.channels import Channels
        from kpisdk_history.alerts.delivering import Courier
        from kpisdk_history.alerts.watching import faults

        workspace = self.workspace
        channels = Channels.of(workspace)
        notes = [Note("alert_rule", each) for each in faults(self.rules, workspace.registry.kpis)]
        notes += [Note("alert_channel", each) for each in channels.faults]
        told: dict[str, Any] = {}
        courier = Courier(store, self.rules, channels, workspace.settings, workspace.now)
        try:
            delivery = courier.deliver()
        except KpisdkError as error:
            text = f"The run is recorded; its alerts are kept and were not sent. {error}"
            notes.append(Note("alerts_not_sent", text))
        else:
            told["delivery"] = delivery
            notes += [
                Note("alerts_not_sent", f"An alert was not delivered and is kept: {each}.")
                for each in delivery.failures
            ]
        return attrs.evolve(
            made, notes=(*made.notes, *notes), alerts=self.evaluation.changes, **told
        )
