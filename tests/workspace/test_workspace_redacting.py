"""Redacting: whatever a plugin's calculation says, no secret of the settings is in a report."""

from __future__ import annotations

import attrs
import pytest

from kpisdk import Calculator, Estimate, FrameInput, Note, Reason, Settings, Workspace, hookimpl

SECRET = "s3cret-t0ken-of-mine"  # noqa: S105 - of nobody


@attrs.frozen
class Own:
    """Settings with a secret."""

    token: str = attrs.field(default="", repr=False)


def _raises(inputs):
    message = f"401 for https://svc/{inputs.settings.token}"
    raise RuntimeError(message)


def _warns(inputs):
    details = {"endpoint": [f"https://svc/{inputs.settings.token}"]}
    note = Note("slow", f"https://svc/{inputs.settings.token} was slow.")
    return Estimate.of(1.0, details=details, warnings=(note,))


def _absent(inputs):
    return Estimate.absent(Reason.CALCULATOR_FAILED, f"No answer to {inputs.settings.token}.")


@pytest.mark.parametrize("function", [_raises, _warns, _absent])
def test_a_secret_of_the_settings_is_in_no_sentence_of_a_report(make, table, visits, function):
    """Messages, warnings and details are masked; the value stays."""
    kpi = make(Calculator(function, (FrameInput("rows", visits, ("units",)),)))

    class Plugin:
        name = "with_token"

        @hookimpl
        def kpisdk_kpis(self):
            return [kpi]

        @hookimpl
        def kpisdk_settings(self):
            return Own

    settings = Settings(plugins={"with_token": {"token": SECRET}}, secrets=(SECRET,))
    workspace = Workspace({"core_visits": table({})}, plugins=[Plugin()], settings=settings)

    (result,) = workspace.compute(kpi.id)

    assert SECRET not in repr(result)
    assert "***" in repr(result)
    assert result.value == (1.0 if function is _warns else None)
