"""CM-001 to CM-005 as records: what they read, and how a request becomes a question."""
