"""Reads of electricity."""
