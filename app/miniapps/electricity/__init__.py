"""电费: what is left in a room, and topping it up."""
