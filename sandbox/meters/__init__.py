"""A school's electricity control: rooms, meters, top-ups, in the dialect of ISIMS."""
