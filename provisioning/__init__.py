"""Before a node leaves, and after it dies."""
