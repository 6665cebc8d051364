"""Micro-apps beside repairs and welcome, one package each."""
