"""Encoding: vectorised, fitted on training students, and never looking at the answer itself."""

from __future__ import annotations

import math

import attrs
import numpy as np
import pytest

from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.events import Events, as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.errors import ColumnsMismatchError, UnknownIdError
from kpisdk_edu_dkt.dkt.features.counts import count_before, mean_count_features
from kpisdk_edu_dkt.dkt.features.encoder import Encoder, EncoderOptions, fit_encoder
from kpisdk_edu_dkt.dkt.features.encoding import encode


def _events(**columns: list[object]) -> Events:
    return as_events(check(columns, source="s"))


TINY = {
    "student_id": ["a", "a", "a", "b"],
    "t": [0, 1, 2, 0],
    "skill_id": ["x", "y", "x", "y"],
    "correct": [1, 0, 0, 1],
    "difficulty": [0.2, 0.4, 0.6, 0.8],
    "time_spent": [1.0, 2.0, 3.0, 4.0],
    "phase_type": ["hub", "defi", "hub", "defi"],
}


def test_each_entry_is_told_of_the_event_before_it_and_of_its_own_item() -> None:
    """Tokens are skill x answer of the row before, the start token opens each student.

    Skills x, y and unknown are 0, 1, 2; token = 2 * skill + answer; the start token is 6.
    """
    events = _events(**TINY)
    encoder = fit_encoder(events)
    encoded = encode(events, encoder)

    assert encoder.tokens == 7
    assert encoded.token[:, 0].tolist() == [6, 1, 2, 6]
    assert encoded.skill[:, 0].tolist() == [0, 1, 0, 1]
    # phases in alphabetical order: defi 0, hub 1, unknown 2, start 3
    assert encoded.phase.tolist() == [3, 1, 0, 3]
    assert encoded.query_phase.tolist() == [1, 0, 1, 0]
    # difficulty has mean 0.5 and spread sqrt(0.05); the start step reads 0
    scaled = (np.array([0.2, 0.4, 0.6, 0.8]) - 0.5) / math.sqrt(0.05)
    assert encoded.query[:, 0] == pytest.approx(scaled, abs=1e-6)
    assert encoded.numbers[:, 0] == pytest.approx([0, scaled[0], scaled[1], 0], abs=1e-6)


def test_time_is_scaled_after_its_logarithm() -> None:
    """The mean and spread of log(1 + seconds) are those of the column."""
    encoder = fit_encoder(_events(**TINY))
    column = next(column for column in encoder.inputs if column.name == "time_spent")
    logs = np.log([2.0, 3.0, 4.0, 5.0])

    assert (column.mean, column.scale) == (pytest.approx(logs.mean()), pytest.approx(logs.std()))


def test_counts_are_of_the_past_only() -> None:
    """Right and wrong answers before each event, on its skill and on all, by hand."""
    counts = count_before(_events(**TINY))

    assert counts.wins[:, 0].tolist() == [0, 0, 1, 0]
    assert counts.failures[:, 0].tolist() == [0, 0, 0, 0]
    assert counts.all_wins.tolist() == [0, 1, 1, 0]
    assert counts.all_failures.tolist() == [0, 0, 1, 0]


def test_counts_of_other_skills_can_be_asked() -> None:
    """Asked for skill y everywhere: its failure at t=1 is known from t=2 on."""
    events = _events(**TINY)
    y = events.interactions.skill.names.index("y")
    counts = count_before(events, np.full((4, 1), y))

    assert counts.failures[:, 0].tolist() == [0, 0, 1, 0]


def _row_by_row(events: Events, encoder: Encoder) -> list[dict[str, list[float]]]:
    """The same encoding, told for one row at a time with plain Python."""
    interactions = events.interactions
    assert interactions.phase is not None
    told = []
    wins: dict[tuple[int, str], int] = {}
    seen: dict[tuple[int, str], int] = {}
    before: dict[str, object] | None = None
    for row in range(len(interactions)):
        student = int(interactions.student.codes[row])
        if before is None or before["student"] != student:
            before = None
            all_wins = all_seen = 0
        name = interactions.skill.names[interactions.skill.codes[row]]
        phase = interactions.phase.names[interactions.phase.codes[row]]
        answer = int(interactions.correct[row])
        key = (student, name)
        w, f = wins.get(key, 0), seen.get(key, 0) - wins.get(key, 0)
        counts = [
            math.log1p(w),
            math.log1p(f),
            (w + 1) / (w + f + 2) - 0.5,
            (w + 10) / (w + f + 20) - 0.5,
            float(w + f == 0),
            math.log1p(all_wins),
            math.log1p(all_seen - all_wins),
        ]
        numbers = []
        for column in encoder.inputs:
            value = float(interactions.numbers[column.name][row])
            value = math.log1p(value) if column.log else value
            numbers.append((value - column.mean) / column.scale)
        names = [column.name for column in encoder.inputs]
        query = [numbers[names.index(column.name)] for column in encoder.queries]
        head, place = encoder.skills.index(name), encoder.phases.index(phase)
        start = before is None
        told.append(
            {
                "token": [encoder.tokens - 1 if start else before["token"]],
                "phase": [encoder.input_phases - 1 if start else before["phase"]],
                "numbers": [0.0] * len(numbers) if start else before["numbers"],
                "skill": [head],
                "query_phase": [place],
                "query": query,
                "counts": counts,
                "correct": [answer],
            }
        )
        before = {
            "student": student,
            "token": 2 * head + answer,
            "phase": place,
            "numbers": numbers,
        }
        wins[key] = w + answer
        seen[key] = w + f + 1
        all_wins, all_seen = all_wins + answer, all_seen + 1
    return told


def test_the_vectorised_encoding_equals_a_row_by_row_one(dkt_class: Interactions) -> None:
    """Every array agrees with plain Python loops over the rows, to 32-bit precision."""
    events = as_events(dkt_class.of_students(np.arange(300) < 60))
    encoder = fit_encoder(events)
    encoded = encode(events, encoder)
    told = _row_by_row(events, encoder)

    for name in told[0]:
        ours = getattr(encoded, name).reshape(len(told), -1)
        assert ours == pytest.approx(np.array([row[name] for row in told]), abs=1e-6), name


def test_the_encoder_knows_training_students_only(dkt_split: Split) -> None:
    """Changing validation and test students changes nothing of what was fitted."""
    encoder = fit_encoder(as_events(dkt_split.train))
    trained = dkt_split.train.numbers["difficulty"]
    column = next(column for column in encoder.inputs if column.name == "difficulty")

    assert column.mean == pytest.approx(trained.mean(), rel=1e-12)
    assert column.mean != dkt_split.test.numbers["difficulty"].mean()


def test_the_generators_truth_is_never_a_feature(dkt_class: Interactions) -> None:
    """``p_true`` is in the data and in no column of the encoder."""
    encoder = fit_encoder(as_events(dkt_class))

    assert "p_true" in dkt_class.numbers
    assert "p_true" not in {column.name for column in (*encoder.inputs, *encoder.queries)}


def test_a_row_reads_nothing_of_itself_that_is_known_only_after(dkt_class: Interactions) -> None:
    """Changing answer, time, adjustment and next difficulty of row t leaves entries <= t alone."""
    part = dkt_class.of_students(np.arange(300) < 3)
    encoder = fit_encoder(as_events(part))
    t = 10
    numbers = {name: values.copy() for name, values in part.numbers.items()}
    correct = part.correct.copy()
    correct[t] = 1 - correct[t]
    for name, value in (("time_spent", 99.0), ("adjustment", 1.0), ("next_difficulty", 0.9)):
        numbers[name][t] = value
    changed = attrs.evolve(part, correct=correct, numbers=numbers)

    before, after = encode(as_events(part), encoder), encode(as_events(changed), encoder)

    for name in ("token", "numbers", "phase", "skill", "query", "query_phase", "counts"):
        assert (getattr(before, name)[: t + 1] == getattr(after, name)[: t + 1]).all(), name
    assert before.token[t + 1] != after.token[t + 1]


def test_a_missing_value_is_a_mask_bit_and_not_a_silent_zero() -> None:
    """Motivation is missing in one row: 0 on the scale, and a bit that says why."""
    columns = TINY | {"motivation": [0.2, None, 0.6, 0.4]}
    events = _events(**columns)
    encoder = fit_encoder(events)
    encoded = encode(events, encoder)

    assert [column.name for column in encoder.queries] == ["difficulty", "motivation"]
    assert encoded.query.shape[1] == 3
    assert encoded.query[:, 2].tolist() == [0, 1, 0, 0]
    assert encoded.query[1, 1] == 0


def test_a_gap_that_training_never_had_is_refused() -> None:
    """Without a mask bit a gap cannot be told from the mean: an error that names the column."""
    encoder = fit_encoder(_events(**TINY, motivation=[0.2, 0.5, 0.6, 0.4]))

    with pytest.raises(ColumnsMismatchError, match="motivation"):
        encode(_events(**TINY, motivation=[0.2, None, 0.6, 0.4]), encoder)


def test_a_column_that_the_model_reads_must_be_there() -> None:
    """An artefact trained on difficulty and phases refuses data without them, naming both."""
    encoder = fit_encoder(_events(**TINY))
    bare = {name: TINY[name] for name in ("student_id", "t", "skill_id", "correct", "time_spent")}

    with pytest.raises(ColumnsMismatchError, match="difficulty, phase_type"):
        encode(_events(**bare), encoder)


def test_unknown_skills_and_phases_get_an_index_of_their_own() -> None:
    """Skill z and phase lecon are unknown: index behind the known ones, and counted."""
    encoder = fit_encoder(_events(**TINY))
    strange = TINY | {"skill_id": ["x", "z", "x", "y"], "phase_type": ["hub", "lecon"] * 2}
    encoded = encode(_events(**strange), encoder)

    assert encoded.skill[:, 0].tolist() == [0, 2, 0, 1]
    assert encoded.token[2, 0] == 2 * 2 + 0
    assert encoded.query_phase.tolist() == [1, 2, 1, 2]
    assert (encoded.unknown_skills, encoded.unknown_phases) == (1, 2)


def test_unknown_ids_can_be_refused_instead() -> None:
    """Under the policy ``error`` the sentence names the id and the way out."""
    encoder = fit_encoder(_events(**TINY), EncoderOptions(unknown="error"))

    with pytest.raises(UnknownIdError, match=r"skill_id 'z'.*--unknown index"):
        encode(_events(**TINY | {"skill_id": ["x", "z", "x", "y"]}), encoder)
    with pytest.raises(UnknownIdError, match="phase_type 'lecon'"):
        encode(_events(**TINY | {"phase_type": ["hub", "lecon", "hub", "hub"]}), encoder)


def test_an_event_with_two_skills_is_the_mean_of_both() -> None:
    """Weights are one half each, and so are the counts."""
    columns = {
        "student_id": [1, 1, 1],
        "t": [0, 1, 2],
        "skill_id": ["x", "x", "y"],
        "correct": [1, 0, 0],
        "problem_id": ["p", "q", "q"],
    }
    events = _events(**columns)
    encoded = encode(events, fit_encoder(events))

    assert encoded.skill.tolist() == [[0, 0], [0, 1]]
    assert encoded.skill_weight.tolist() == [[1.0, 0.0], [0.5, 0.5]]
    # x was won once (log 2), y never seen (log 1 = 0)
    assert mean_count_features(events)[1, 0] == pytest.approx(math.log(2) / 2)


def test_a_constant_column_is_scaled_by_one() -> None:
    """No division by a spread of zero."""
    encoder = fit_encoder(_events(**TINY | {"difficulty": [0.5] * 4}))

    assert encoder.inputs[0].scale == 1.0
    assert np.isfinite(encode(_events(**TINY), encoder).query).all()


def test_columns_can_be_chosen_by_name() -> None:
    """Only the named columns are read; one that is not there is an error."""
    assert fit_encoder(_events(**TINY), EncoderOptions(numbers=())).inputs == ()
    chosen = fit_encoder(_events(**TINY), EncoderOptions(numbers=("time_spent",)))
    assert [column.name for column in chosen.inputs] == ["time_spent"]
    with pytest.raises(ColumnsMismatchError, match="anxiety_level"):
        fit_encoder(_events(**TINY), EncoderOptions(numbers=("anxiety_level",)))
