"""Recording: a run is computed, compared with what was recorded before, and appended."""

from kpisdk_history.recording.recorded_verdicts import recorded_results
from kpisdk_history.recording.recording import Recording, record, store_of
from kpisdk_history.recording.restating import restatement_text

__all__ = ["Recording", "record", "recorded_results", "restatement_text", "store_of"]
