"""Where one student stands: the network's state and the counts, exportable as bytes."""

from __future__ import annotations

import json

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.artefact.tensor_file import (
    TensorFile,
    from_bytes,
    require_seal,
    sealed,
)
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.serving.network import State

_NO_STATE = (AttributeError, LookupError, TypeError, ValueError, ArithmeticError, RecursionError)


@attrs.define(eq=False)
class StudentState:
    """Where one student stands after the last answer.

    Attributes:
        student: The student's id.
        hidden: (parts, layers, 1, H) state of the network: 512 bytes for a GRU of 128.
        t: Order of the last answer; minus infinity before the first.
        wins: Right answers by skill.
        failures: Wrong answers by skill.
        all_wins: Right answers, events with several skills counted once.
        all_failures: Wrong answers, counted likewise.
    """

    student: str
    hidden: State
    t: float = -np.inf
    wins: dict[str, int] = attrs.Factory(dict)
    failures: dict[str, int] = attrs.Factory(dict)
    all_wins: int = 0
    all_failures: int = 0

    def to_bytes(self, model: str) -> bytes:
        """The state as bytes without pickle.

        Args:
            model: The sha256 of the weights that the state belongs to.
        """
        stored = {
            "student": self.student,
            "t": None if self.t == -np.inf else self.t,
            "wins": self.wins,
            "failures": self.failures,
            "all_wins": self.all_wins,
            "all_failures": self.all_failures,
        }
        metadata = {"model": model, "state": json.dumps(stored, sort_keys=True)}
        return sealed(TensorFile({"hidden": self.hidden}, metadata))

    @classmethod
    def from_bytes(
        cls, content: bytes, model: str, shape: tuple[int, ...] | None = None
    ) -> StudentState:
        """The state of bytes.

        Args:
            content: As :meth:`to_bytes` gave them.
            model: The sha256 of the weights that the state must belong to.
            shape: The shape that its tensor must have; None for any.

        Raises:
            ArtefactError: They are damaged, or belong to another model.
        """
        place = "The exported state of a student"
        file = from_bytes(content, place)
        if file.metadata.get("model") != model:
            raise ArtefactError(place, "it belongs to another model.")
        try:
            stored = json.loads(file.metadata["state"])
            hidden = np.array(file.tensors["hidden"], dtype=np.float32)
            state = cls(
                str(stored["student"]),
                hidden,
                -np.inf if stored["t"] is None else float(stored["t"]),
                {str(key): int(value) for key, value in stored["wins"].items()},
                {str(key): int(value) for key, value in stored["failures"].items()},
                int(stored["all_wins"]),
                int(stored["all_failures"]),
            )
        except _NO_STATE as error:
            raise ArtefactError(place, f"its content is not a state: {error}") from error
        if shape not in (None, hidden.shape) or not np.isfinite(hidden).all():
            raise ArtefactError(place, "its tensor does not fit.")
        # last, as what is wrong with a part says more than that something is
        require_seal(file, place)
        return state
