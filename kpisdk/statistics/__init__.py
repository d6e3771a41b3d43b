"""Statistics: what units, families and looks make of a value, on the standard library alone."""
