"""``kpisdk dkt simulate``: a synthetic classroom as a CSV."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk_edu_dkt.dkt.commands.shared import as_csv, deliver, examples, output_option


@click.command(
    epilog=examples("kpisdk dkt simulate --students 500 --skills 5 --seed 7 --output class.csv")
)
@click.option("--students", type=click.IntRange(1), default=120, show_default=True)
@click.option("--skills", type=click.IntRange(1), default=12, show_default=True)
@click.option(
    "--longest",
    type=click.IntRange(1),
    default=80,
    show_default=True,
    help="Most answers a student gives; the fewest is half of it.",
)
@click.option("--seed", type=click.IntRange(0), default=42, show_default=True)
@click.option(
    "--motivation-effect",
    type=float,
    default=0.0,
    show_default=True,
    help="Change of the logit when motivation goes from 0 to 1 (0: motivation is noise).",
)
@click.option(
    "--phase-effect",
    type=float,
    default=0.0,
    show_default=True,
    help="Change of the logit between a phase of ease 0 and one of ease 1.",
)
@click.option("--reset-streaks", is_flag=True, help="An adjustment ends the streak behind it.")
@click.option("--truth", is_flag=True, help="Write p_true, the probability behind each answer.")
@output_option
def simulate(
    students: int,
    skills: int,
    longest: int,
    seed: int,
    motivation_effect: float,
    phase_effect: float,
    reset_streaks: bool,
    truth: bool,
    output: Path | None,
) -> None:
    """Simulate a classroom whose difficulty follows the ZPDES rule."""
    from kpisdk_edu_dkt.dkt.synthetic.classroom import Classroom, simulate as simulate_classroom

    room = Classroom(
        students=students,
        skills=skills,
        longest=longest,
        seed=seed,
        motivation_effect=motivation_effect,
        phase_effect=phase_effect,
        reset_streaks=reset_streaks,
        with_truth=truth,
    )
    deliver(as_csv(simulate_classroom(room).columns()), output)
