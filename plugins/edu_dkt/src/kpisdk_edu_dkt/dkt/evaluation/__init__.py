"""Is the model any good, against what, how surely, and does it trace knowledge at all?"""
