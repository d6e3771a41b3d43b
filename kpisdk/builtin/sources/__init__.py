"""Built-in sources: databases, files and frames, written as a plugin."""
