"""Predictions with NumPy alone: whole sequences, one event at a time, and mastery."""
