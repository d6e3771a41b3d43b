"""The planner: from what is asked to as few statements as are fast. Pure: it reads nothing."""
