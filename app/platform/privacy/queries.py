"""Masking: what may be shown of personal values without a reason. Pure functions."""

from app.platform.directory.queries import mask_name, mask_number, mask_phone

__all__ = ["mask_name", "mask_number", "mask_phone"]
