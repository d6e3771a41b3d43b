"""Where results are kept: in memory, in an SQLite file, in Redis."""
