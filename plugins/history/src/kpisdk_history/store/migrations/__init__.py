"""The schema's history, as Alembic reads it; each version is a file that is never changed."""
