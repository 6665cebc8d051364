"""Figures for docs/benchmarks.md: `make bench`, or `python -m benchmarks ratios board callback page`."""
