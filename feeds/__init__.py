"""Listeners to neighbouring systems: one neighbour a file."""
