"""What the core brings itself, written as plugins: sources, caches, reports."""
