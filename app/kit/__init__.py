"""Plumbing without business. Bare modules know no web framework; `http jobs export log` may."""
