"""The sample campus of the demo: people and places, a month of repairs, and a board that is alive.

Everything goes through the application's own imports and use-cases, under a clock that walks through the
month, so that the sample data is what real use would have left behind. `python -m dev.seed` runs it once.
"""
