"""Which estimators there are: the built-in ones, those of plugins, and which one answers."""
