"""The engine: one question, one trip: cache, plan, read, evaluate, judge, report."""
