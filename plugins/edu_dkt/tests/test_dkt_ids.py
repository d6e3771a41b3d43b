"""Ids of any kind: as text or integers, written as fractions, absent."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from kpisdk_edu_dkt.dkt.data.checking import check
from kpisdk_edu_dkt.dkt.data.reading import from_frame
from kpisdk_edu_dkt.dkt.errors import InteractionsError


def test_ids_may_be_any_text_or_integer_of_any_size() -> None:
    """10^9, -1 and text live side by side, in numeric then alphabetical order."""
    interactions = check(
        {
            "student_id": [1, 1, 1, 1],
            "t": [0, 1, 2, 3],
            "skill_id": [10**9, -1, "fractions", 7],
            "correct": [1, 0, 1, 0],
        },
        source="s",
    )

    assert interactions.skill.names == ("-1", "7", "1000000000", "fractions")


def test_an_integer_column_that_pandas_made_float_keeps_its_ids() -> None:
    """A column of integers with a gap becomes floats in pandas: 3.0 is the skill ``3``."""
    frame = pd.DataFrame(
        {"student_id": [1, 1], "t": [0, 1], "skill_id": [3.0, 4.0], "correct": [True, False]}
    )

    assert from_frame(frame).skill.names == ("3", "4")
    assert from_frame(frame).correct.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("written", "id_"),
    [
        ("17.0", "17"),
        ("-3.00", "-3"),
        ("0.0", "0"),
        ("9007199254740993.0", "9007199254740993"),
        (17.0, "17"),
        (17, "17"),
        ("017", "017"),
        ("017.0", "017.0"),
        ("1e5", "1e5"),
        ("2.5", "2.5"),
        ("1.0.0", "1.0.0"),
        ("17.", "17."),
        (" 17.0", " 17.0"),
        (Decimal("17.00"), "17"),
        (Decimal("1E+3"), "1000"),
        (Decimal(9007199254740993), "9007199254740993"),
        (Decimal("2.50"), "2.50"),
    ],
)
def test_an_id_written_as_a_fraction_is_the_integer_it_is(written: object, id_: str) -> None:
    """``17.0`` is what a column of integers with a gap becomes; other texts are as they are."""
    columns = {"student_id": [written], "t": [0], "skill_id": [written], "correct": [1]}
    found = check(columns, source="s")

    assert (found.student.names, found.skill.names) == ((id_,), (id_,))


@pytest.mark.parametrize(
    "missing", [None, float("nan"), np.float32("nan"), Decimal("NaN"), Decimal("sNaN"), "", " "]
)
def test_an_id_that_is_none_is_nobody(missing: object) -> None:
    """All rows without one would be one student, whose history never was."""
    columns = {"student_id": [1, missing], "t": [0, 1], "skill_id": ["a", "a"], "correct": [1, 0]}

    with pytest.raises(InteractionsError, match="row 2, column student_id"):
        check(columns, source="s")
