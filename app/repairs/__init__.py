"""报修: from report to rating."""
