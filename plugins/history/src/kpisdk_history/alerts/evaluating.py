"""Alerts of a run: judged and put into the outbox in the run's own transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from kpisdk import Kpi, Result, Settings
from kpisdk_history.alerts.conditions import held, worst_first
from kpisdk_history.alerts.digests import AlertChange
from kpisdk_history.alerts.happenings import changed, restated
from kpisdk_history.alerts.outbox import post
from kpisdk_history.alerts.reasons import why_cleared, why_gone, why_held
from kpisdk_history.alerts.rules import CHANGED, CONDITIONS, RESTATED, AlertRule
from kpisdk_history.alerts.state_rows import KeptState, append_change, states_of, write_states
from kpisdk_history.alerts.states import CLEARED, OPENED, AlertState, after_run
from kpisdk_history.alerts.subjects import Question, Subject, looked_at, subjects_of
from kpisdk_history.alerts.watching import watched
from kpisdk_history.alerts.window_words import window_words
from kpisdk_history.store import Writing
from kpisdk_history.store.figures import json_values

if TYPE_CHECKING:
    from kpisdk_history.recording.recording import Recording


@attrs.define
class Evaluation:
    """What ``record`` calls within its transaction, where the settings have rules.

    Attributes:
        rules: the rules by name.
        kpis: the KPIs that are installed, by id.
        settings: the settings, which know what is secret.
        changes: what happened to alerts, after the call.
    """

    rules: Mapping[str, AlertRule]
    kpis: Mapping[str, Kpi]
    settings: Settings
    changes: tuple[AlertChange, ...] = ()

    def __call__(self, writing: Writing, made: Recording) -> None:
        """Judge all rules by what a run found, and post its digests."""
        sent: list[AlertChange] = []
        every: list[AlertChange] = []
        for name, rule in self.rules.items():
            for change, is_silent in self._of_rule(writing, made, name, rule):
                every.append(change)
                if not is_silent:
                    sent.append(change)
        post(writing, made.run, sent, self.rules)
        self.changes = tuple(every)

    def _of_rule(
        self, writing: Writing, made: Recording, name: str, rule: AlertRule
    ) -> Iterator[tuple[AlertChange, bool]]:
        """What happened to the alerts of a rule, each with whether nobody is to be told."""
        report, ids = made.report, watched(rule, self.kpis)
        results = [] if report is None else [each for each in report.results if each.kpi_id in ids]
        if not results:
            return
        if set(rule.on).intersection(CONDITIONS):
            yield from _Rule(writing, made, name, rule, self.settings.redact).judged(results)
        names = {kpi_id: kpi.name for kpi_id, kpi in self.kpis.items()}
        once: list[AlertChange] = []
        if RESTATED in rule.on:
            moved = [each for each in made.restatements if each.kpi_id in ids]
            once += restated(writing, moved, names)
        if CHANGED in rule.on:
            once += changed(writing, made.run.id, results)
        for each in once:
            told = attrs.evolve(each, alert=name)
            append_change(writing, told, made.run.recorded_at, run_id=made.run.id)
            yield told, False


@attrs.frozen
class _Rule:
    """One rule, and the run that it is judged by."""

    writing: Writing
    made: Recording
    name: str
    rule: AlertRule
    redact: Callable[[str], str]

    def judged(self, results: list[Result]) -> Iterator[tuple[AlertChange, bool]]:
        """Take every subject's state one run on; what happened, and whether it is silent."""
        run = self.made.run
        question = Question.of(run.request)
        subjects = subjects_of(results, question)
        before = states_of(self.writing, self.name, {each.kpi_id for each in results})
        moved: list[KeptState] = []
        for kept, event in self._steps(subjects, looked_at(results, question), before):
            old = before.get((kept.alert, kept.subject))
            if event is None:
                if old is None or old.state != kept.state:
                    moved.append(kept)
                continue
            change = attrs.evolve(kept.last, event=event)
            number = append_change(self.writing, change, run.recorded_at, run_id=run.id)
            opened = number if event == OPENED else kept.opened_id
            moved.append(attrs.evolve(kept, opened_id=None if event == CLEARED else opened))
            yield change, kept.state.is_silent(run.recorded_at)
        write_states(self.writing, moved, before)

    def _steps(
        self,
        subjects: Mapping[str, Subject],
        cuts: frozenset[str],
        before: Mapping[tuple[str, str], KeptState],
    ) -> Iterator[tuple[KeptState, str | None]]:
        for subject in subjects.values():
            step = self._step(subject, before.get((self.name, subject.key)))
            if step is not None:
                yield step
        for (_, key), kept in before.items():
            # A slice that is gone, or the whole that stood for all slices while nobody could look.
            is_active = kept.state.is_open or kept.state.firing
            if is_active and key not in subjects and kept.cut in cuts:
                yield self._without(kept, why_gone())

    def _step(
        self, subject: Subject, kept: KeptState | None
    ) -> tuple[KeptState, str | None] | None:
        kinds = held(self.rule, subject.result)
        if kept is None and not kinds:
            return None
        if kept is not None and not kinds and not (kept.state.is_open or kept.state.firing):
            return None
        old = AlertState() if kept is None else kept.state
        at = self.made.run.recorded_at
        state, event = after_run(old, kinds, self.rule, at)
        shown = old if event == CLEARED else state
        why = why_held(kinds, subject.result) if kinds else why_cleared(self.rule.clear_after)
        last = self._told(subject, shown, worst_first(kinds or shown.told), self.redact(why))
        made = KeptState(
            alert=self.name, subject=subject.key, cut=subject.cut, state=state, last=last
        )
        opened = None if kept is None else kept.opened_id
        return attrs.evolve(made, run_id=self.made.run.id, opened_id=opened), event

    def _without(self, kept: KeptState, why: str) -> tuple[KeptState, str | None]:
        state, event = after_run(kept.state, frozenset(), self.rule, self.made.run.recorded_at)
        gone = attrs.evolve(
            kept.last, value=None, status="unknown", reason="no_rows", decided=None, why=why
        )
        return attrs.evolve(kept, state=state, last=gone, run_id=self.made.run.id), event

    def _told(
        self, subject: Subject, state: AlertState, kinds: tuple[str, ...], why: str
    ) -> AlertChange:
        result, window = subject.result, subject.result.window
        return AlertChange(
            alert=self.name,
            event=OPENED,
            kinds=kinds,
            kpi_id=result.kpi_id,
            name=result.name,
            slice=json_values(result.slice),
            filters=json_values(result.where),
            value=result.value,
            unit=result.unit.value,
            status=result.status.value,
            reason=None if result.reason is None else result.reason.value,
            window=None if window is None else window_words(window.label, window.start, window.end),
            decided=result.decided,
            since=state.since,
            why=why,
            subject=subject.key,
        )
