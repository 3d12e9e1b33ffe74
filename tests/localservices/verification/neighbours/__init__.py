"""A neighbour asks."""
