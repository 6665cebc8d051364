"""What the directory does outside a single transaction."""
