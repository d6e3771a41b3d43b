"""The dialect layer: expressions, aggregates and statements as SQLAlchemy, engine by engine.

Everything engine-specific about *what is computed* lives in this room; how an engine is opened is
the sources' business. "Now" and every literal are bound, and every quotient divides by ``nullif``.
"""
