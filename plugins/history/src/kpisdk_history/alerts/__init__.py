"""Alerts: rules over recorded runs, what they opened and cleared, and messages that go out once."""
