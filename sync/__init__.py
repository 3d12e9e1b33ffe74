"""Facts travel between a node and central."""
