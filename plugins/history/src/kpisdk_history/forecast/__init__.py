"""The range that the next point of a series is expected in, by the seasons before it."""

from kpisdk_history.forecast.expecting import Expected, expected_of
from kpisdk_history.forecast.unusual import unusual_note, unusual_notes, with_unusual

__all__ = ["Expected", "expected_of", "unusual_note", "unusual_notes", "with_unusual"]
