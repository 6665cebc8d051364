"""What welcome does when something happened or the time has come."""
