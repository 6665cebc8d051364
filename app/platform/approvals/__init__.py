"""The approval engine: one way to ask people for a yes or a no."""
