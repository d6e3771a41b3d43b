"""A cache of kpisdk in plain files."""
