"""A synthetic classroom with ZPDES rules, and the best score anyone could reach on it."""
