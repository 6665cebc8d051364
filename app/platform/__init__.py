"""Shared business below the micro-apps, one package per subject."""
