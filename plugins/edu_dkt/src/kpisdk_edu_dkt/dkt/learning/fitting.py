"""The loop: epochs over batches, early stopping, checkpoints."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats
from kpisdk_edu_dkt.dkt.errors import ArtefactError, DivergenceError
from kpisdk_edu_dkt.dkt.evaluation.metrics import accuracy, auc
from kpisdk_edu_dkt.dkt.learning.batches import Group, Store, group_students, split_in_pieces
from kpisdk_edu_dkt.dkt.learning.checkpoint import (
    FILE_NAME,
    Progress,
    load_checkpoint,
    load_weights,
    save_checkpoint,
    weights_of,
)
from kpisdk_edu_dkt.dkt.learning.device import choose_device
from kpisdk_edu_dkt.dkt.learning.distributed import Team, assembled
from kpisdk_edu_dkt.dkt.learning.history import EpochRecord
from kpisdk_edu_dkt.dkt.learning.inference import Seen, carried, predict_logits
from kpisdk_edu_dkt.dkt.learning.precision import precision_on
from kpisdk_edu_dkt.dkt.learning.training_inputs import Fitted, Lesson, OnEpoch
from kpisdk_edu_dkt.dkt.serving.network import sigmoid

if TYPE_CHECKING:
    import torch

    from kpisdk_edu_dkt.dkt.learning.model import State, Tracer

_VALID_BATCH = 256


def fit(
    lesson: Lesson,
    *,
    team: Team | None = None,
    checkpoints: Path | None = None,
    resume: bool = False,
    on_epoch: OnEpoch | None = None,
) -> Fitted:
    """Train until the validation loss no longer falls.

    Args:
        lesson: Data, sizes and choices.
        team: The processes that train together; None for this one alone.
        checkpoints: Folder for the state after each epoch; None keeps none.
        resume: Whether to go on from that folder's checkpoint; the end is the same as that of an
            unbroken training.
        on_epoch: Called after each epoch.

    Raises:
        DeviceError: The device is not there.
        DivergenceError: The loss is no longer a number.
        ArtefactError: The checkpoint to resume from cannot be used.
    """
    team = team or Team()
    device = choose_device(lesson.options.device, team.local_rank)
    with assembled(team, device.type), _threads(lesson.options.threads):
        run = _Run(lesson, team, device, checkpoints)
        if resume:
            run.resume()
        while not run.done:
            record = run.epoch()
            if on_epoch is not None and team.leads:
                on_epoch(record)
    progress = run.progress
    best = max(record.epoch for record in progress.history if record.best)
    return Fitted(progress.best, tuple(progress.history), best, device.type)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Run:
    """One training, between its first and its last epoch."""

    def __init__(
        self, lesson: Lesson, team: Team, device: torch.device, checkpoints: Path | None
    ) -> None:
        import torch

        from kpisdk_edu_dkt.dkt.learning.model import Tracer

        self.lesson, self.team, self.device = lesson, team, device
        options = lesson.options
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.model: Tracer = Tracer(lesson.size)
        load_weights(self.model, weights_of(self.model) | lesson.start)
        self.model.to(device)
        self.network: torch.nn.Module = self.model
        if team.size > 1:
            where = [device.index] if device.type == "cuda" else None
            self.network = torch.nn.parallel.DistributedDataParallel(self.model, device_ids=where)
        learned = [weight for weight in self.model.parameters() if weight.requires_grad]
        self.optimiser = torch.optim.AdamW(
            learned,
            lr=options.learning_rate,
            weight_decay=options.weight_decay,
            fused=device.type == "cuda",
        )
        self.precision = precision_on(device, mixed=options.mixed_precision)
        self.train_store = Store(lesson.train, device)
        self.valid_store = Store(lesson.valid, device)
        self.valid_groups = group_students(
            lesson.valid, _VALID_BATCH, start=lesson.encoder.options.start
        )
        self.progress = Progress()
        self.path = None if checkpoints is None else checkpoints / FILE_NAME

    @property
    def done(self) -> bool:
        progress, options = self.progress, self.lesson.options
        return bool(progress.epoch >= options.epochs or progress.stale >= options.patience)

    def resume(self) -> None:
        if self.path is None:
            raise ArtefactError("The checkpoint", "no folder of checkpoints was named.")
        self.progress = load_checkpoint(
            self.path, self.model, self.optimiser, self.precision, self.lesson.fingerprint
        )

    def epoch(self) -> EpochRecord:
        """One pass over the training students, one over the validation students, one checkpoint."""
        import torch

        begun = time.perf_counter()
        number = self.progress.epoch + 1
        options = self.lesson.options
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            # each process drops other parts of the state, as each has other students
            torch.manual_seed(options.seed * 1_000_003 + number * 1_009 + self.team.rank)
            train_loss, answers, train_auc = self._learn(number)
        if not np.isfinite(train_loss):
            raise DivergenceError(number, train_loss, self._kept())
        p, y, valid_loss = self._validate()
        if not np.isfinite(valid_loss):
            raise DivergenceError(number, valid_loss, self._kept())
        best = valid_loss < self.progress.best_loss - options.least_gain
        record = EpochRecord(
            number,
            train_loss,
            train_auc,
            valid_loss,
            auc(p, y),
            accuracy(p, y) or 0.0,
            best,
            answers,
            time.perf_counter() - begun,
        )
        self._keep(record)
        return record

    def _keep(self, record: EpochRecord) -> None:
        progress = self.progress
        progress.epoch = record.epoch
        progress.history.append(record)
        progress.stale = 0 if record.best else progress.stale + 1
        if record.best:
            progress.best_loss, progress.best = record.valid_loss, weights_of(self.model)
        if self.path is not None and self.team.leads:
            save_checkpoint(
                self.path,
                self.model,
                self.optimiser,
                self.precision,
                progress,
                self.lesson.fingerprint,
            )

    def _kept(self) -> str:
        return str(self.path) if self.path is not None and self.path.exists() else ""

    def _learn(self, number: int) -> tuple[float, int, float | None]:
        """One pass; returns (pooled loss, answers, AUC)."""
        import torch

        lesson, options = self.lesson, self.lesson.options
        rng = np.random.default_rng([options.seed, number])
        if lesson.encoder.unknown and options.unknown_share > 0:
            hidden = rng.random(len(lesson.train)) < options.unknown_share
            self.train_store.mask_skills(lesson.train, lesson.encoder, hidden)
        groups = group_students(
            lesson.train,
            options.batch,
            start=lesson.encoder.options.start,
            rng=rng,
            bucketed=options.bucketed,
        )
        self._set_rate()
        self.network.train()
        seen = Seen()
        losses = [loss for group in groups for loss in self._steps(group, seen)]
        # summed on the CPU, in double precision, which not every device has
        (pooled,) = self.team.total([float(torch.stack(losses).cpu().double().sum())])
        count = sum(group.events for group in groups)
        if self.team.size > 1:
            return pooled / count, count, None
        logit, y = seen.arrays()
        return pooled / count, count, auc(sigmoid(logit), y)

    def _set_rate(self) -> None:
        # from the history alone, so that a resumed training goes on with the same rate
        misses = sum(not record.best for record in self.progress.history)
        for part in self.optimiser.param_groups:
            part["lr"] = self.lesson.options.learning_rate * self.lesson.options.decay**misses

    def _steps(self, group: Group, seen: Seen) -> Iterator[torch.Tensor]:
        """Optimiser steps on one batch, a piece at a time; yields the summed loss of each."""
        import torch

        options = self.lesson.options
        state: State | None = None
        for index, mask, _ in split_in_pieces(group, options.piece):
            mine, real = self.team.share(index, mask)
            batch = self.train_store.batch(mine, real)
            with self.precision.computing():
                logit, state = self.network(batch, carried(state, len(mine)))
            losses = torch.nn.functional.binary_cross_entropy_with_logits(
                logit.float(), batch.correct, weight=batch.mask, reduction="none"
            )
            summed = losses.sum()
            # processes average their gradients, so each scales its share to the whole batch
            loss = summed * (self.team.size / int(mask.sum()))
            self.precision.learn(loss, self.optimiser, options.clip)
            seen.add(logit.detach(), batch)
            yield summed.detach()

    def _validate(self) -> tuple[Floats, Floats, float]:
        logit, y = predict_logits(
            self.model, self.valid_store, self.valid_groups, self.lesson.options.piece
        )
        losses = np.logaddexp(0.0, logit) - y * logit
        # the mean over the team, so that all of its processes decide alike when to stop
        (loss,) = self.team.total([float(losses.mean())])
        return sigmoid(logit), y, loss / self.team.size
