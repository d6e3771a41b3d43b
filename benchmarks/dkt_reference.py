"""The reference notebook's ways, told anew: what the plugin's figures are measured against.

Draws, steps and sizes are the notebook's, so that its own class and its own split come out; the
code is not its code.
"""

from __future__ import annotations

import math
import random
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from kpisdk_edu_dkt.dkt.data.interactions import Ids, Interactions
from kpisdk_edu_dkt.dkt.synthetic.classroom import PHASES

NOTEBOOK_PHASES = ("hub", "exploration", "lecon", "synthese", "defi")


def notebook_class(students: int, skills: int, longest: int, seed: int):
    """The notebook's class, row by row and draw by draw; returns it and NumPy's state after it."""
    python = random.Random(seed)  # noqa: S311 -- a simulation, no secret
    numpy_source = np.random.RandomState(seed)
    names = ("student", "t", "skill", "phase", "correct", "difficulty", "adjustment", "time_spent",
             "motivation", "anxiety_level", "next_difficulty", "p_true")  # fmt: skip
    rows = []
    for student in range(students):
        mastery = np.clip(numpy_source.normal(0.0, 0.6, size=skills), -1.5, 1.5)
        motivation = float(numpy_source.beta(2, 2))
        base = float(numpy_source.beta(2, 5))
        length = python.randint(longest // 2, longest)
        difficulty, failures, successes = python.uniform(0.3, 0.7), 0, 0
        for t in range(length):
            skill = python.randrange(skills)
            phase = PHASES.index(python.choice(NOTEBOOK_PHASES))
            anxiety = min(1.0, max(0.0, base + 0.05 * failures - 0.03 * successes))
            middle = math.log(2 + 6 * difficulty + 3 * anxiety)
            seconds = max(0.5, float(numpy_source.lognormal(mean=middle, sigma=0.4)))
            logit = mastery[skill] - 2.0 * (difficulty - 0.5) - 1.2 * (anxiety - 0.3)
            p = 1 / (1 + math.exp(-logit))
            right = python.random() < p
            if right:
                successes, failures = successes + 1, 0
                change = 0.05 * (0.8 - difficulty)
            else:
                successes, failures = 0, failures + 1
                change = -0.03 * (difficulty + anxiety)
            mastery[skill] = min(2.0, max(-2.0, mastery[skill] + change))
            adjustment = -1 if failures > 2 else int(successes > 3)
            after = min(0.9, max(0.2, difficulty + 0.1 * adjustment))
            rows.append((student, t, skill, phase, int(right), difficulty, adjustment, seconds,
                         motivation, anxiety, after, p))  # fmt: skip
            difficulty = after
    columns = dict(zip(names, map(np.array, zip(*rows, strict=True)), strict=True))
    numbers = {name: columns[name].astype(float) for name in names[5:]}
    told = Interactions(
        source=f"the notebook's class, seed {seed}",
        student=Ids(columns["student"], tuple(map(str, range(students)))),
        t=columns["t"].astype(float),
        skill=Ids(columns["skill"], tuple(map(str, range(skills)))),
        correct=columns["correct"],
        numbers=numbers,
        phase=Ids(columns["phase"], PHASES),
    )
    return told, numpy_source


def notebook_split(told: Interactions, numpy_source: np.random.RandomState):
    """70/15/15 of the students, shuffled by the state that the generator left."""
    count = len(told.student.names)
    order = np.arange(count)
    numpy_source.shuffle(order)
    ends = (0, int(0.7 * count), int(0.85 * count), count)
    parts = []
    for begin, end in pairwise(ends):
        keep = np.zeros(count, dtype=bool)
        keep[order[begin:end]] = True
        parts.append(told.of_students(keep))
    return parts


class NotebookNet(nn.Module):
    """GRU over packed sequences, all heads, sigmoid."""

    def __init__(self, width: int, hidden: int, skills: int) -> None:
        super().__init__()
        self.gru = nn.GRU(width, hidden, batch_first=True)
        self.out = nn.Linear(hidden, skills)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(
            x, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        hidden, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return torch.sigmoid(self.out(hidden))


class _Students(Dataset):
    def __init__(self, students) -> None:
        self.students = students

    def __len__(self) -> int:
        return len(self.students)

    def __getitem__(self, at: int):
        return tuple(torch.from_numpy(array) for array in self.students[at])


def _padded(batch):
    lengths = [len(x) for x, *_ in batch]
    padded = [nn.utils.rnn.pad_sequence(part, batch_first=True)
              for part in list(zip(*batch, strict=True))]  # fmt: skip
    return (*padded, torch.tensor(lengths))


def notebook_pass(students, model: NotebookNet, optimiser) -> int:
    """One training pass in the notebook's way: DataLoader, batch 16, packing, item by batch."""
    loader = DataLoader(_Students(students), batch_size=16, shuffle=True, collate_fn=_padded)
    kept, answers = [], 0
    for x, skill, target, mask, lengths in loader:
        p = model(x, lengths).gather(-1, skill.unsqueeze(-1)).squeeze(-1)
        losses = nn.functional.binary_cross_entropy(p, target, reduction="none")
        loss = (losses * mask).sum() / (mask.sum() + 1e-8)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        loss.item()
        scored = mask.reshape(-1).numpy() > 0.5
        kept.append(p.detach().numpy().reshape(-1)[scored])
        answers += int(scored.sum())
    return answers


class PeerNet(nn.Module):
    """The usual DKT of peers (pyKT's defaults): embedding, LSTM 200, all heads, one-hot choice."""

    def __init__(self, skills: int, hidden: int) -> None:
        super().__init__()
        self.skills = skills
        self.embed = nn.Embedding(2 * skills, hidden)
        self.lstm = nn.LSTM(hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, skills)

    def forward(self, skill, answer, following):
        hidden, _ = self.lstm(self.embed(skill + self.skills * answer))
        heads = torch.sigmoid(self.out(nn.functional.dropout(hidden, 0.2, self.training)))
        return (heads * nn.functional.one_hot(following, self.skills)).sum(-1)


def peer_pass(sequences, model: PeerNet, optimiser, longest: int, size: int) -> int:
    """One pass in the peers' way: every sequence padded to ``longest``, a double-precision loss."""
    skill = np.zeros((len(sequences), longest), dtype=np.int64)
    answer, mask = skill.copy(), np.zeros((len(sequences), longest), dtype=bool)
    for row, (skills, answers) in enumerate(sequences):
        skill[row, : len(skills)], answer[row, : len(skills)] = skills, answers
        mask[row, : len(skills)] = True
    skill, answer, mask = map(torch.from_numpy, (skill, answer, mask))
    order, done = torch.randperm(len(skill)), 0
    for begin in range(0, len(order), size):
        at = order[begin : begin + size]
        p = model(skill[at, :-1], answer[at, :-1], skill[at, 1:])
        scored = mask[at, 1:]
        loss = nn.functional.binary_cross_entropy(
            p[scored].double(), answer[at, 1:][scored].double()
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        done += int(scored.sum())
    return done
