"""What can go wrong with interactions, artefacts, training and serving, one sentence each."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from kpisdk import KpisdkError, ProblemsError, UsageError


def _names(columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(columns)


@attrs.define(eq=False)
class InteractionsError(ProblemsError):
    """Interactions that break the data contract; every fault names its place, column and rule."""


@attrs.define(eq=False)
class ArtefactError(KpisdkError):
    """A file of a model (artefact, checkpoint, notebook export) that cannot be trusted or used.

    Attributes:
        path: The file.
        fault: What is wrong with it.
    """

    path: str
    fault: str

    template = "{path} cannot be used: {fault}"


@attrs.define(eq=False)
class DivergenceError(KpisdkError):
    """Training whose loss is no longer a number.

    Attributes:
        epoch: In which epoch.
        loss: What the loss became.
        checkpoint: Where the last good state is; empty where none is kept.
    """

    epoch: int
    loss: float
    checkpoint: str

    @property
    def message(self) -> str:
        start = f"Training diverged in epoch {self.epoch}: the loss is {self.loss}."
        kept = (
            f" The last good state is {self.checkpoint}."
            if self.checkpoint
            else " No state is kept."
        )
        return f"{start}{kept} Lower the learning rate, or look for extreme values in the data."


@attrs.define(eq=False)
class DeviceError(UsageError):
    """A device that this machine, or this build of torch, does not have.

    Attributes:
        device: The device.
        reason: Why it cannot be used, as a sentence.
    """

    device: str
    reason: str

    template = "Device {device!r} cannot be used: {reason} Use --device auto or cpu."


@attrs.define(eq=False)
class ModelExistsError(UsageError):
    """A folder that a training would write over.

    Attributes:
        folder: The folder.
        found: What it holds.
    """

    folder: str
    found: str

    template = (
        "{folder} holds {found} already. Name another folder, go on with --resume, or replace it "
        "with --force."
    )


@attrs.define(eq=False)
class StaleEventError(UsageError):
    """An event that is not later than the last one of its student.

    Attributes:
        student: The student's id.
        t: Time of the event.
        last: Time of the student's last one.
    """

    student: str
    t: float
    last: float

    template = (
        "Event at t={t:g} of student {student!r} is not later than the last one (t={last:g}). "
        "Events of a student must come in strictly increasing t."
    )


@attrs.define(eq=False)
class UnknownIdError(UsageError):
    """A skill or phase that the model never saw, under the policy that refuses such.

    Attributes:
        column: ``skill_id`` or ``phase_type``.
        value: What stands there.
        known: Number of ids that the model was trained on.
    """

    column: str
    value: str
    known: int

    template = (
        "{column} {value!r} is not among the {known} that the model was trained on, and its policy "
        "for unknown ids is 'error'. Train with --unknown index to have such ids answered by a "
        "head of their own."
    )


@attrs.define(eq=False)
class ColumnsMismatchError(UsageError):
    """Interactions without a column, or with gaps in a column, that the model was trained on.

    Attributes:
        source: Where the interactions come from.
        columns: The columns.
        reason: What is wrong with them.
    """

    source: str
    columns: tuple[str, ...] = attrs.field(converter=_names)
    reason: str

    @property
    def message(self) -> str:
        names = ", ".join(self.columns)
        return f"{self.source} does not fit the model: {self.reason} ({names})."


@attrs.define(eq=False)
class DifficultyTimingError(UsageError):
    """A ``difficulty`` that was written at another time than it is taken for.

    Attributes:
        source: The file or table.
        seen: ``after`` the answer or ``before`` it, as the rows show.
        by: The column that it moves with.
        rows: Rows that show it.
        of_rows: Rows in which it moves and that could show either.
        remembered: What it was in the data that the model was trained on, if there is a model.
    """

    source: str
    seen: str
    by: str
    rows: int
    of_rows: int
    remembered: str | None = None

    @property
    def message(self) -> str:
        own = "its own row" if self.seen == "after" else "the row before"
        what = "answer" if self.by == "correct" else self.by
        counted = f"in {self.rows} of {self.of_rows} rows where it moves and that can be told"
        start = f"{self.source}: difficulty moves with the {what} of {own} ({counted})"
        if self.seen == "after":
            start += ": it looks like the one AFTER the answer, which would give the answer away."
        else:
            start += ": it looks like the one in force BEFORE the answer."
        if self.remembered is not None:
            start += f" The model was trained on data with the one {self.remembered} it."
        return (
            f"{start} Say which it is: --difficulty-after, or --difficulty-before if it held when "
            "the answer was given."
        )


@attrs.define(eq=False)
class TooFewError(KpisdkError):
    """Too little data for what was requested.

    Attributes:
        what: What there is too little of, as a sentence.
        remedy: What to do, as a sentence.
    """

    what: str
    remedy: str

    template = "{what} {remedy}"


@attrs.define(eq=False)
class SharedStudentsError(UsageError):
    """Parts of a split that have students in common.

    Attributes:
        parts: The parts, in words.
        count: Number of students in both.
        example: One of them.
    """

    parts: str
    count: int
    example: str

    template = (
        "{count} student(s), such as {example!r}, are in {parts}. A model that is stopped or "
        "judged by students it learns from looks better than it is. Give every student to one part."
    )


@attrs.define(eq=False)
class NotMasteryError(KpisdkError):
    """Mastery requested of a model whose outputs carry no knowledge of their skills.

    Attributes:
        drop: AUC lost when the heads were permuted, if that was tried.
        needed: Least of it.
        rises: Share of right answers after which the practised skill rose, if there were any.
        needed_rises: Least of it.
    """

    drop: float | None
    needed: float
    rises: float | None = None
    needed_rises: float = 0.5

    @property
    def message(self) -> str:
        start = "This model's outputs may not be called mastery: "
        if self.drop is None:
            return f"{start}it was never shown that its heads carry knowledge of their skills."
        if self.drop < self.needed:
            return (
                f"{start}permuting its heads lowers the AUC by {self.drop:.4f} only "
                f"(at least {self.needed} is needed), so they hold no knowledge of their own skill."
            )
        if self.rises is None:
            return f"{start}it was never shown that they rise after right answers."
        return (
            f"{start}they rise after right answers in a share of {self.rises:.4f} of the cases "
            f"only (at least {self.needed_rises} is needed), so they do not follow what is learned."
        )


@attrs.define(eq=False)
class FileWriteError(KpisdkError):
    """A file that could not be written.

    Attributes:
        path: The file.
        reason: What the system says.
    """

    path: str
    reason: str

    template = "{path} could not be written: {reason}. Nothing was changed."
