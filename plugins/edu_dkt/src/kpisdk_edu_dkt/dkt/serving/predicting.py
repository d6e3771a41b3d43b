"""Predictions for whole histories: each answer from those before it."""

from __future__ import annotations

import attrs

from kpisdk_edu_dkt.dkt.arrays import Floats
from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.data.events import Events, as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.features.encoding import encode


@attrs.frozen(eq=False)
class Predictions:
    """Probabilities of right answers, one for each event.

    Attributes:
        events: The events.
        p: (events,) probabilities; NaN where the model has none (first answers, without a start
            step).
        unknown_skills: Events whose skill the model does not know, answered by its unknown head.
        unknown_phases: Events whose phase the model does not know.
    """

    events: Events
    p: Floats
    unknown_skills: int
    unknown_phases: int

    def columns(self) -> dict[str, list[object]]:
        """As plain columns: the opening row of each event, all its skills, and ``p``."""
        interactions = self.events.interactions
        rows = self.events.row
        names = interactions.skill.names
        return {
            "row": interactions.row[rows].tolist(),
            "student_id": [
                interactions.student.names[code] for code in interactions.student.codes[rows]
            ],
            "t": interactions.t[rows].tolist(),
            "skill_id": [
                " ".join(names[code] for code in codes if code >= 0)
                for codes in self.events.skill.tolist()
            ],
            "correct": [int(value) for value in self.events.correct],
            "p": [None if value != value else value for value in self.p.tolist()],  # noqa: PLR0124 -- NaN
        }


def predict(model: Model, interactions: Interactions) -> Predictions:
    """Predict every answer from the answers before it.

    Args:
        model: The model.
        interactions: The answers to predict.

    Raises:
        ColumnsMismatchError: The interactions lack what the model reads.
        DifficultyTimingError: Their ``difficulty`` is another one than the model was trained on.
        UnknownIdError: They have unknown ids and the model refuses such.
    """
    events = as_events(model.settled(interactions))
    encoded = encode(events, model.encoder)
    p = model.network.predict(encoded)
    return Predictions(events, p, encoded.unknown_skills, encoded.unknown_phases)
