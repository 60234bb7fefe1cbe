"""Telling people, without any vendor's cloud: what, to whom, in which order, and what became of it."""
