"""What a command that a plugin brings needs: the options, report and exit codes of the core's own.

A command that computes takes the options of ``compute`` (:func:`question_options`), is given them
as one :class:`Question`, and computes with :func:`computed`. What it prints goes through
:func:`deliver`, remarks to the user through :meth:`Installation.note`.
"""

from kpisdk.cli.gate.exit_codes import GateExit, GateRule, gate_exit
from kpisdk.cli.installation import Installation
from kpisdk.cli.options import (
    language_option,
    output_option,
    source_option,
    table_format,
    wide_option,
    workstream_option,
)
from kpisdk.cli.output import OutputError, deliver
from kpisdk.cli.progress import progress_on
from kpisdk.cli.report_output import computed, format_named, rendered
from kpisdk.cli.request_options import Question, pairs, question_options, report_options
from kpisdk.cli.table_output import show
from kpisdk.cli.terminal import has_colour

__all__ = [
    "GateExit",
    "GateRule",
    "Installation",
    "OutputError",
    "Question",
    "computed",
    "deliver",
    "format_named",
    "gate_exit",
    "has_colour",
    "language_option",
    "output_option",
    "pairs",
    "progress_on",
    "question_options",
    "rendered",
    "report_options",
    "show",
    "source_option",
    "table_format",
    "wide_option",
    "workstream_option",
]
