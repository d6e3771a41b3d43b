"""The engine: one question, one execution: cache, plan, fetch, evaluate, judge, report."""
