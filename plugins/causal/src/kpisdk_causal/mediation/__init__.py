"""How much of an effect runs through mediators."""
