"""The checks of the plugin contract, by subject: each yields the faults that it finds."""
