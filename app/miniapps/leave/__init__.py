"""Leave: asking to be away, being away, and coming back."""
