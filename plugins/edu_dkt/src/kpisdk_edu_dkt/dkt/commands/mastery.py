"""``kpisdk dkt mastery``: where each student stands in each skill."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk.command_line import language_option
from kpisdk_edu_dkt.dkt.commands.shared import (
    PATH,
    deliver,
    difficulty_option,
    examples,
    format_option,
    note,
    on_fault_option,
    output_option,
    read_data,
    rendered,
)


@click.command(epilog=examples("kpisdk dkt mastery model class.csv --student 17"))
@click.argument("model", type=PATH)
@click.argument("data")
@click.option("--student", "students", multiple=True, help="Only this student; may repeat.")
@difficulty_option
@on_fault_option
@language_option
@format_option("table", "csv", "json")
@output_option
def mastery(
    model: Path,
    data: str,
    students: tuple[str, ...],
    difficulty_after: bool | None,
    on_fault: str,
    form: str,
    output: Path | None,
) -> None:
    """Mastery per student and skill after the last answer in DATA.

    It is the probability of a right answer to an average item. A model whose heads were not shown
    to carry knowledge of their skills is refused.
    """
    from kpisdk import UnknownNameError
    from kpisdk_edu_dkt.dkt.artefact.storing import load
    from kpisdk_edu_dkt.dkt.data.parsing import id_text
    from kpisdk_edu_dkt.dkt.evaluation.knowledge import CHANCE
    from kpisdk_edu_dkt.dkt.serving.mastery import mastery as master

    loaded = load(model)
    found = master(loaded, read_data(data, on_fault, difficulty_after=difficulty_after))
    students = tuple(id_text(student) or "" for student in students)
    for student in students:
        if student not in found.students:
            raise UnknownNameError("student", student, found.students)
    if not loaded.is_beyond_chance:
        note(f"WARNING: {CHANCE}.")
    chosen = [
        (place, at)
        for place, name in enumerate(found.students)
        if not students or name in students
        for at in range(len(found.skills))
    ]
    columns: dict[str, list[object]] = {
        "student_id": [found.students[place] for place, _ in chosen],
        "skill_id": [found.skills[at] for _, at in chosen],
        "mastery": [float(found.probability[pair]) for pair in chosen],
        "practised": [bool(found.practised[pair]) for pair in chosen],
    }
    deliver(rendered(columns, form), output)
