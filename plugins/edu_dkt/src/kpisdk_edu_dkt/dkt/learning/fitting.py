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
from kpisdk_edu_dkt.dkt.learning.batches import Group, Store, group_students, split_in_chunks
from kpisdk_edu_dkt.dkt.learning.checkpoint import (
    FILE_NAME,
    Progress,
    load_checkpoint,
    load_weights,
    save_checkpoint,
    weights_of,
)
from kpisdk_edu_dkt.dkt.learning.device import choose_device
from kpisdk_edu_dkt.dkt.learning.distributed import ProcessGroup, assembled
from kpisdk_edu_dkt.dkt.learning.history import EpochRecord
from kpisdk_edu_dkt.dkt.learning.inference import Seen, carried, predict_logits
from kpisdk_edu_dkt.dkt.learning.precision import precision_on
from kpisdk_edu_dkt.dkt.learning.training_inputs import Fitted, OnEpoch, TrainingInputs
from kpisdk_edu_dkt.dkt.sigmoid import sigmoid

if TYPE_CHECKING:
    import torch

    from kpisdk_edu_dkt.dkt.learning.model import State, Tracer

_VALID_BATCH = 256


def fit(
    inputs: TrainingInputs,
    *,
    processes: ProcessGroup | None = None,
    checkpoints: Path | None = None,
    resume: bool = False,
    on_epoch: OnEpoch | None = None,
) -> Fitted:
    """Train until the validation loss no longer falls.

    Args:
        inputs: Data, sizes and choices.
        processes: The processes that train together; None for this one alone.
        checkpoints: Folder for the state after each epoch; None keeps none.
        resume: Whether to go on from that folder's checkpoint; the end is the same as that of an
            unbroken training.
        on_epoch: Called after each epoch.

    Raises:
        DeviceError: The device is not there.
        DivergenceError: The loss is no longer a number.
        ArtefactError: The checkpoint to resume from cannot be used.
    """
    processes = processes or ProcessGroup()
    device = choose_device(inputs.options.device, processes.local_rank)
    with assembled(processes, device.type), _threads(inputs.options.threads):
        run = _Run(inputs, processes, device, checkpoints)
        if resume:
            run.resume()
        while not run.done:
            record = run.epoch()
            if on_epoch is not None and processes.leads:
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
        self,
        inputs: TrainingInputs,
        processes: ProcessGroup,
        device: torch.device,
        checkpoints: Path | None,
    ) -> None:
        import torch

        from kpisdk_edu_dkt.dkt.learning.model import Tracer

        self.inputs, self.processes, self.device = inputs, processes, device
        options = inputs.options
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.model: Tracer = Tracer(inputs.size)
        load_weights(self.model, weights_of(self.model) | inputs.start)
        self.model.to(device)
        self.network: torch.nn.Module = self.model
        if processes.size > 1:
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
        self.train_store = Store(inputs.train, device)
        self.valid_store = Store(inputs.valid, device)
        self.valid_groups = group_students(
            inputs.valid, _VALID_BATCH, start=inputs.encoder.options.start
        )
        self.progress = Progress()
        self.path = None if checkpoints is None else checkpoints / FILE_NAME

    @property
    def done(self) -> bool:
        progress, options = self.progress, self.inputs.options
        return bool(progress.epoch >= options.epochs or progress.stale >= options.patience)

    def resume(self) -> None:
        if self.path is None:
            raise ArtefactError("The checkpoint", "no folder of checkpoints was named.")
        self.progress = load_checkpoint(
            self.path, self.model, self.optimiser, self.precision, self.inputs.fingerprint
        )

    def epoch(self) -> EpochRecord:
        """One pass over the training students, one over the validation students, one checkpoint."""
        import torch

        begun = time.perf_counter()
        number = self.progress.epoch + 1
        options = self.inputs.options
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            # each process drops other parts of the state, as each has other students
            torch.manual_seed(options.seed * 1_000_003 + number * 1_009 + self.processes.rank)
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
        if self.path is not None and self.processes.leads:
            save_checkpoint(
                self.path,
                self.model,
                self.optimiser,
                self.precision,
                progress,
                self.inputs.fingerprint,
            )

    def _kept(self) -> str:
        return str(self.path) if self.path is not None and self.path.exists() else ""

    def _learn(self, number: int) -> tuple[float, int, float | None]:
        """One pass; returns (pooled loss, answers, AUC)."""
        import torch

        inputs, options = self.inputs, self.inputs.options
        rng = np.random.default_rng([options.seed, number])
        if inputs.encoder.unknown and options.unknown_share > 0:
            hidden = rng.random(len(inputs.train)) < options.unknown_share
            self.train_store.mask_skills(inputs.train, inputs.encoder, hidden)
        groups = group_students(
            inputs.train,
            options.batch,
            start=inputs.encoder.options.start,
            rng=rng,
            bucketed=options.bucketed,
        )
        self._set_rate()
        self.network.train()
        seen = Seen()
        losses = [loss for group in groups for loss in self._steps(group, seen)]
        # summed on the CPU, in double precision, which not every device has
        (pooled,) = self.processes.total([float(torch.stack(losses).cpu().double().sum())])
        count = sum(group.events for group in groups)
        if self.processes.size > 1:
            return pooled / count, count, None
        logit, y = seen.arrays()
        return pooled / count, count, auc(sigmoid(logit), y)

    def _set_rate(self) -> None:
        # from the history alone, so that a resumed training goes on with the same rate
        misses = sum(not record.best for record in self.progress.history)
        for part in self.optimiser.param_groups:
            part["lr"] = self.inputs.options.learning_rate * self.inputs.options.decay**misses

    def _steps(self, group: Group, seen: Seen) -> Iterator[torch.Tensor]:
        """Optimiser steps on one batch, a chunk at a time; yields the summed loss of each."""
        import torch

        options = self.inputs.options
        state: State | None = None
        for index, mask, _ in split_in_chunks(group, options.chunk):
            mine, real = self.processes.share(index, mask)
            batch = self.train_store.batch(mine, real)
            with self.precision.computing():
                logit, state = self.network(batch, carried(state, len(mine)))
            losses = torch.nn.functional.binary_cross_entropy_with_logits(
                logit.float(), batch.correct, weight=batch.mask, reduction="none"
            )
            summed = losses.sum()
            # processes average their gradients, so each scales its share to the whole batch
            loss = summed * (self.processes.size / int(mask.sum()))
            self.precision.learn(loss, self.optimiser, options.clip)
            seen.add(logit.detach(), batch)
            yield summed.detach()

    def _validate(self) -> tuple[Floats, Floats, float]:
        logit, y = predict_logits(
            self.model, self.valid_store, self.valid_groups, self.inputs.options.chunk
        )
        losses = np.logaddexp(0.0, logit) - y * logit
        # the mean over all processes, so that all of them decide alike when to stop
        (loss,) = self.processes.total([float(losses.mean())])
        return sigmoid(logit), y, loss / self.processes.size
