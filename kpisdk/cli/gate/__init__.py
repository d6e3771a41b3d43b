"""What a gate makes of results, what it exits with, and where it reports its verdict."""
