"""The directory's pages in the console."""
