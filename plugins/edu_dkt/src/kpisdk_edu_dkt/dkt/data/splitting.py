"""Students into training, validation and test, by a hash that adding students does not disturb."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats, Integers
from kpisdk_edu_dkt.dkt.data.difficulty_timing import with_settled_difficulty
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.errors import SharedStudentsError, TooFewError


@attrs.frozen
class Shares:
    """Which part of the students goes where; the rest is the test part.

    Attributes:
        train: Share to learn from.
        valid: Share that decides when to stop.
    """

    train: float = 0.70
    valid: float = 0.15


@attrs.frozen(eq=False)
class Split:
    """Three sets of interactions that share no student.

    Attributes:
        train: What is learned from.
        valid: What decides when to stop.
        test: What is scored, once.
        rule: How the parts came about, for the artefact.
    """

    train: Interactions
    valid: Interactions
    test: Interactions
    rule: str

    def settled(self) -> Split:
        """The same parts with ``difficulty`` as used.

        Raises:
            DifficultyTimingError: It looks like the one after the answer, and nobody said so.
        """
        train, valid, test = map(with_settled_difficulty, (self.train, self.valid, self.test))
        return Split(train, valid, test, self.rule)

    def require_disjoint(self) -> None:
        """Make sure that no student is in two parts.

        Raises:
            SharedStudentsError: One is.
        """
        named = {"training": self.train, "validation": self.valid, "test": self.test}
        for (one, first), (other, second) in itertools.combinations(named.items(), 2):
            shared = set(first.student.names) & set(second.student.names)
            if shared:
                parts = f"the {one} and the {other} part"
                raise SharedStudentsError(parts, len(shared), min(shared))


def position(student: str, seed: int) -> float:
    """A number in [0, 1) that depends on the student's id and the seed, and on nothing else.

    Args:
        student: The student's id.
        seed: Another seed gives another order of students.
    """
    digest = hashlib.blake2b(f"{seed}\x00{student}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2.0**64


def fingerprints(students: Iterable[str]) -> Integers:
    """A 64-bit number for each student id, by which it can be known again but not read."""
    digests = (hashlib.blake2b(f"student\x00{name}".encode(), digest_size=8) for name in students)
    return np.array([int.from_bytes(each.digest(), signed=True) for each in digests], np.int64)


def split_by_student(interactions: Interactions, seed: int, shares: Shares | None = None) -> Split:
    """Students into three parts.

    Args:
        interactions: All rows.
        seed: Another seed gives other parts.
        shares: How large the parts are; 70 %, 15 % and 15 % if None.

    Raises:
        TooFewError: The training or the validation part gets no student.
    """
    shares = shares or Shares()
    at: Floats = np.array([position(name, seed) for name in interactions.student.names])
    train = at < shares.train
    valid = ~train & (at < shares.train + shares.valid)
    for part, kept in (("training", train), ("validation", valid)):
        if not kept.any():
            what = f"{interactions.students} student(s) leave the {part} part empty."
            remedy = "Training needs more students, or another seed for a very small class."
            raise TooFewError(what, remedy)
    rule = f"blake2b(seed {seed}, student_id): {shares.train:g} train, {shares.valid:g} valid"
    return Split(
        interactions.of_students(train),
        interactions.of_students(valid),
        interactions.of_students(~train & ~valid),
        rule,
    )
