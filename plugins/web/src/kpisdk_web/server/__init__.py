"""The live page: what it answers, to whom, and how much of it at a time."""
