"""What the core says in other languages than English, written as a plugin."""
