"""The gate: what it makes of results, and where it reports its verdict."""
