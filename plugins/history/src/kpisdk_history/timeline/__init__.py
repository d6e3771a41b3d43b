"""What was recorded of a KPI: what its periods are worth now, and what was known on a day."""

from kpisdk_history.timeline.histories import history
from kpisdk_history.timeline.history_record import History

__all__ = ["History", "history"]
