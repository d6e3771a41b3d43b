"""How contracts judge: a fault fails a test; what does not apply is skipped, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

import attrs

from kpisdk.errors import UsageError, listed, nearest
from kpisdk.testing.checks.applying import DoesNotApplyError, NotProvedError

INAPPLICABLE = "does not apply: "
"""How the reason of a skipped test begins, where the property cannot hold of its subject."""

UNPROVED = "not proved: "
"""How it begins where something was missing that the check needs."""

EXEMPT = "exempt: "
"""How it begins where the author of the contract has given the reason."""


def judge(name: str, subject: str, check: Callable[[], Iterable[str]]) -> None:
    """Run a check: all of its faults fail the test at once, each as a line."""
    try:
        faults = list(check())
    except DoesNotApplyError as error:
        inapplicable(error.message)
    except NotProvedError as error:
        unproved(error.message)
    if faults:
        shown = faults[:_SHOWN]
        shown += [f"… and {len(faults) - _SHOWN} more."] if len(faults) > _SHOWN else []
        broken(f"{name}: {subject}\n" + "\n".join(f"  - {fault}" for fault in shown))


_SHOWN = 5


def broken(message: str) -> NoReturn:
    """Fail the test with a message for the author; no traceback through the kit."""
    import pytest

    pytest.fail(message, pytrace=False)


def same(what: str, expected: object, found: object) -> None:
    """Fail the test where ``found`` is not what was expected."""
    if expected != found:
        broken(f"{what}: expected {_cut(expected)}, and found {_cut(found)}.")


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


_LONGEST = 300


def inapplicable(reason: str) -> NoReturn:
    """Skip the test because its property cannot hold of this subject."""
    import pytest

    pytest.skip(f"{INAPPLICABLE}{reason}")


def unproved(reason: str) -> NoReturn:
    """Skip the test because something is missing that it needs."""
    import pytest

    pytest.skip(f"{UNPROVED}{reason}")


def exempt(exemptions: Mapping[str, Mapping[str, str]], name: str, subject: str) -> None:
    """Skip the test where the author of the contract has said why it cannot hold."""
    import pytest

    reason = exemptions.get(name, {}).get(subject)
    if reason is not None:
        pytest.skip(f"{EXEMPT}{reason}")


def exemption_faults(
    exemptions: Mapping[str, Mapping[str, Any]], checks: Iterable[str], subjects: Iterable[str]
) -> Iterable[str]:
    """Exemptions of checks or subjects that do not exist, or without a reason."""
    known_checks, known = sorted(checks), sorted(subjects)
    for name, reasons in exemptions.items():
        if name not in known_checks:
            close = nearest(name, known_checks) or known_checks
            yield f"skip names a check {name!r} that does not exist; there is {listed(close, 40)}."
            continue
        for subject, reason in reasons.items():
            if subject not in known:
                yield f"skip[{name!r}] names {subject!r}; the plugin brings {listed(known, 40)}."
            elif not str(reason).strip():
                yield f"skip[{name!r}][{subject!r}] gives no reason."


@attrs.define(eq=False)
class NoSubjectError(UsageError):
    """A contract that does not say what it is about."""

    contract: str
    attribute: str

    template = (
        "The contract {contract!r} has no {attribute}. Write it into the class: {attribute} = ..."
    )
