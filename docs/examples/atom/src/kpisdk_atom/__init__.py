"""Reports of kpisdk as an Atom feed."""
