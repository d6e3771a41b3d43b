"""The interval of every value and change, and what it decides: pure functions of what was read."""
