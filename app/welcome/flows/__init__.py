"""Work of welcome outside any transaction."""
