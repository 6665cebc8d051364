"""What leave does with the school's own gates: each step in a transaction of its own, the network between them."""
