"""Assumed causes: the files that draw them, and what they say about what to adjust for."""
