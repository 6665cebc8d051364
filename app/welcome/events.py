"""What happened with freshmen. Ids only."""
