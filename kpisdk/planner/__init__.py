"""From measures to as few statements as are fast. Pure: it reads nothing."""
