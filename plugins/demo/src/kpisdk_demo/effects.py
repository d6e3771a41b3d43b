"""``causal_paths``: what earlier analyses found, some of it validated."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np

from kpisdk_demo import columns as col
from kpisdk_demo.plan import Plan

_ANALYSES: Final = 5
"""Analyses of each intervention."""
_INTERVENTIONS: Final = (
    # name, treatment, outcome, mediators, usual total effect
    ("rep_visits", "rep_visit", "conversion", ("hcp_intent",), 0.12),
    ("speaker_programs", "speaker_program", "conversion", ("hcp_intent", "awareness"), 0.07),
    ("email_campaign", "email", "portal_visit", ("awareness",), 0.05),
    ("copay_support", "copay_card", "adherence", ("out_of_pocket_cost",), 0.21),
    ("nurse_line", "nurse_call", "adherence", ("patient_confidence",), 0.16),
    ("sample_program", "sample", "new_prescription", ("hcp_intent",), 0.09),
    ("pnh_screening", "screening_reminder", "pnh_test", ("awareness",), 0.18),
    ("prior_auth_help", "prior_authorization", "time_to_therapy", ("denials",), -0.11),
    ("trigger_alerts", "trigger", "conversion", ("hcp_call", "hcp_intent"), 0.14),
    ("peer_detailing", "peer_call", "hcp_intent", (), 0.08),
    ("webinars", "webinar", "hcp_intent", ("awareness",), 0.03),
    ("patient_portal", "portal_invite", "engagement", ("patient_confidence",), 0.10),
)


def causal_paths(plan: Plan) -> dict[str, Any]:
    """Five analyses of each intervention; the direct and the indirect effect make the total."""
    rng = plan.rng("causal paths")
    which, turn = (axis.ravel() for axis in np.indices((len(_INTERVENTIONS), _ANALYSES)))
    count = which.size
    names, treatments, outcomes, mediators, usual = zip(*_INTERVENTIONS, strict=True)
    total = np.round(np.array(usual)[which] * (1 + 0.15 * rng.standard_normal(count)), 4)
    mediated = np.array([bool(found) for found in mediators])[which]
    indirect = np.round(np.where(mediated, total * (0.2 + 0.4 * rng.random(count)), 0.0), 4)
    paths = [
        json.dumps({"nodes": [treatment, *found, outcome], "method": "backdoor"})
        for treatment, found, outcome in zip(treatments, mediators, outcomes, strict=True)
    ]
    # The newest analysis of each is validated, so that every one has an answer.
    validated = (turn == 0) | (rng.random(count) < 0.6)
    return {
        "path_id": col.keys("C", np.arange(count)),
        "intervention_name": col.names(which, names),
        "treatment": col.names(which, treatments),
        "outcome": col.names(which, outcomes),
        "validated": col.values(validated),
        "causal_effect_size": col.values(total),
        "confidence_level": col.values(np.round(0.80 + 0.19 * rng.random(count), 2)),
        "mediators_identified": col.names(which, [json.dumps(found) for found in mediators]),
        "pathway_details": col.names(which, paths),
        "indirect_effect": col.values(indirect),
        "direct_effect": col.values(np.round(total - indirect, 4)),
        "total_effect": col.values(total),
        "created_at": col.values(plan.instants(1 + 30 * turn + 20 * rng.random(count))),
    }
