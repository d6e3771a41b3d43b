"""Releasing: the distributions of this repository are built, checked and installed as users do.

Run from the root of the repository; ``make package`` runs all of it.
"""
