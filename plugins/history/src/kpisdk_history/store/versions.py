"""Which versions of the schema this program knows."""

VERSION_TABLE = "kpisdk_history_version"
"""The table in which Alembic keeps the version of a store."""

HEAD = "0002"
"""The version that this program reads and writes; a test holds it to the newest migration."""
