"""What the finance desk reads: lists with their counts, files of single orders, names of accounts."""
