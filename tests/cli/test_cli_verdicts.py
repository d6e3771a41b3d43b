"""Exit codes: the whole matrix of what a gate can meet, and when a computation has failed."""

import itertools

import pytest

from kpisdk.cli.gate.exit_codes import GateRule, compute_exit, gate_exit
from kpisdk.contracts.vocabulary import Reason, Status

GOOD, WARNING, CRITICAL, UNKNOWN = Status

# (status, decided, reason): what a result can be
OUTCOMES = {
    "good": (GOOD, True, None),
    "good, undecided": (GOOD, False, None),
    "good, no interval": (GOOD, None, None),
    "warning": (WARNING, True, None),
    "warning, undecided": (WARNING, False, None),
    "warning, no interval": (WARNING, None, None),
    "critical": (CRITICAL, True, None),
    "critical, undecided": (CRITICAL, False, None),
    "critical, no interval": (CRITICAL, None, None),
    "no value": (UNKNOWN, None, Reason.NO_ROWS),
    "no target": (UNKNOWN, None, Reason.NO_TARGET),
}

# (--fail-on, --unknown, --require-decided, --decided) -> exit code by outcome, in the order above
MATRIX = {
    ("critical", "fail", False, False): (0, 0, 0, 0, 0, 0, 1, 1, 1, 3, 0),
    ("critical", "fail", True, False): (0, 3, 3, 0, 3, 3, 1, 1, 1, 3, 0),
    ("critical", "ok", False, False): (0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0),
    ("critical", "ok", True, False): (0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0),
    ("warning", "fail", False, False): (0, 0, 0, 1, 1, 1, 1, 1, 1, 3, 0),
    ("warning", "fail", True, False): (0, 3, 3, 1, 1, 1, 1, 1, 1, 3, 0),
    ("warning", "ok", False, False): (0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0),
    ("warning", "ok", True, False): (0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0),
    ("critical", "fail", False, True): (0, 0, 0, 0, 0, 0, 1, 0, 0, 3, 0),
    ("critical", "fail", True, True): (0, 3, 3, 0, 3, 3, 1, 3, 3, 3, 0),
    ("critical", "ok", True, True): (0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0),
    ("warning", "fail", False, True): (0, 0, 0, 1, 0, 0, 1, 0, 0, 3, 0),
    ("warning", "fail", True, True): (0, 3, 3, 1, 3, 3, 1, 3, 3, 3, 0),
}

CASES = [
    pytest.param(*options, outcome, code, id=f"{'/'.join(map(str, options))}: {outcome}")
    for options, codes in MATRIX.items()
    for outcome, code in zip(OUTCOMES, codes, strict=True)
]


def rule(fail_on, unknown, require_decided, decided_only):
    """The rule that these options make."""
    return GateRule(Status(fail_on), unknown == "ok", require_decided, decided_only)


@pytest.mark.parametrize(("fail_on", "unknown", "required", "only", "outcome", "code"), CASES)
def test_every_outcome_under_every_combination_of_options(
    make_result, fail_on, unknown, required, only, outcome, code
):
    """The exit code of one KPI, from its status, reason and interval and the gate's options."""
    status, is_decided, reason = OUTCOMES[outcome]
    value = None if outcome == "no value" else 0.5
    result = make_result(status=status, decided=is_decided, reason=reason, value=value)

    assert gate_exit([result], [result.kpi_id], rule(fail_on, unknown, required, only)) == code


@pytest.mark.parametrize("options", MATRIX)
def test_one_beats_three_and_three_beats_zero(make_result, options):
    """Of several KPIs, a failed one decides; else one that was not judged; else all pass."""
    codes = dict(zip(OUTCOMES, MATRIX[options], strict=True))
    for first, second in itertools.product(OUTCOMES, repeat=2):
        results = [
            make_result(kpi_id, status=status, decided=decided, reason=reason)
            for kpi_id, (status, decided, reason) in (
                ("A-1", OUTCOMES[first]),
                ("B-1", OUTCOMES[second]),
            )
        ]
        pair = {codes[first], codes[second]}
        expected = 1 if 1 in pair else max(pair)
        assert gate_exit(results, ["A-1", "B-1"], rule(*options)) == expected


@pytest.mark.parametrize("reason", Reason)
def test_whatever_the_reason_what_has_no_value_is_not_judged(make_result, reason):
    """A new reason must not slip through the gate, nor a plugin that says "no target"."""
    result = make_result(status=UNKNOWN, reason=reason, value=None)

    assert gate_exit([result], [result.kpi_id], GateRule()) == 3


def test_a_kpi_without_any_result_was_not_judged(make_result):
    """A gate never passes because a KPI fell out of the report."""
    assert gate_exit([make_result("A-1")], ["A-1", "B-1"], GateRule()) == 3
    assert gate_exit([], ["A-1"], GateRule()) == 3
    assert gate_exit([], ["A-1"], GateRule(unknown_ok=True)) == 0


ANSWERS = (
    Reason.NO_ROWS,
    Reason.ZERO_DENOMINATOR,
    Reason.MISSING_PARAMETER,
    Reason.NOT_FINITE,
    Reason.ONE_CLASS,
    Reason.NOT_IDENTIFIED,
)


BESIDE_A_VALUE = (Reason.NO_TARGET, Reason.THRESHOLDS_DO_NOT_APPLY)


@pytest.mark.parametrize("reason", [each for each in Reason if each not in BESIDE_A_VALUE])
def test_a_computation_fails_when_nothing_could_be_computed(make_result, reason):
    """What the data cannot answer is an answer; what never reached the data is none."""
    absent = make_result(status=UNKNOWN, reason=reason, value=None)

    assert compute_exit([absent, absent]) == (0 if reason in ANSWERS else 1)
    assert compute_exit([absent, make_result()]) == 0


def test_a_value_without_a_target_is_an_answer_and_no_result_is_none(make_result):
    """The command line computes; it judges only in the gate."""
    assert compute_exit([make_result(status=UNKNOWN, reason=Reason.NO_TARGET)]) == 0
    assert compute_exit([make_result(status=CRITICAL)]) == 0
    assert compute_exit([]) == 1
