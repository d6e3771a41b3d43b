"""Records and protocols that all rooms share. Importing them imports nothing heavy."""
