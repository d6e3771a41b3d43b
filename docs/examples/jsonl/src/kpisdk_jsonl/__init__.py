"""JSON lines as a source of kpisdk."""
