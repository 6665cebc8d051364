"""迎新: a freshman's first twenty days."""
