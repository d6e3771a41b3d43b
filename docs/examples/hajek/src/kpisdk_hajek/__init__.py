"""Inverse propensity weighting, by hand."""
