"""Whether a KPI improved, and whether another one is shown to be unharmed, from results alone.

The package stands above the engine and below the workspace: it reads nothing and computes no KPI.
It is given what computes them, sets pairs of results beside one another, and says what follows.
"""

from kpisdk.guardrails.compared_sides import ComparedSide
from kpisdk.guardrails.comparisons import compare
from kpisdk.guardrails.contrasts import Contrast, GuardrailReport
from kpisdk.guardrails.ordering import Against, in_order
from kpisdk.guardrails.pairs import NoGuardrailsError, Pair, pairs_of
from kpisdk.guardrails.questions import Guard
from kpisdk.guardrails.result_changes import Change, Movement, change
from kpisdk.guardrails.reversals import Reversal, worse_segments
from kpisdk.guardrails.verdicts import Verdict, judged

__all__ = [
    "Against",
    "Change",
    "ComparedSide",
    "Contrast",
    "Guard",
    "GuardrailReport",
    "Movement",
    "NoGuardrailsError",
    "Pair",
    "Reversal",
    "Verdict",
    "change",
    "compare",
    "in_order",
    "judged",
    "pairs_of",
    "worse_segments",
]
