"""Benchmarks behind `./run bench`: each prints its figures, misses included."""
