"""The controller of the school's gates: holds the list of who may pass, and tells who did."""
