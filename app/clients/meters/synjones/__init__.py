"""Electricity behind the card platform of 新中新 Synjones."""
