"""One small data set for all tests that only read it."""

from datetime import datetime

import pytest

from kpisdk_demo import frames

END = datetime(2026, 3, 1)


@pytest.fixture(scope="session")
def tables():
    """All sixteen tables of 2,000 patients."""
    return frames(0.2, 11, END)
