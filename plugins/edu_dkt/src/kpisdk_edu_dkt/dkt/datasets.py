"""The columns that the KPIs of knowledge tracing read."""

from kpisdk import Column, Dataset

INTERACTIONS = Dataset(
    "interactions",
    (
        Column("student_id", "text"),
        Column("t", "float"),
        Column("skill_id", "text"),
        Column("correct", "int"),
        Column("difficulty", "float"),
        Column("adjustment", "int"),
        Column("time_spent", "float"),
        Column("motivation", "float"),
        Column("anxiety_level", "float"),
        Column("phase_type", "text"),
        Column("next_difficulty", "float"),
        Column("problem_id", "text"),
    ),
)
"""One row for each answer (and skill, where the source repeats answers)."""
