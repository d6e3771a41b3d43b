"""What can be done with rows that have a missing value; light enough for every request."""

from __future__ import annotations

from typing import Literal

Missing = Literal["raise", "drop"]
"""Refuse them all, or leave those rows out and say how many they were."""
