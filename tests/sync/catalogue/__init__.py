"""What a node takes of central's catalogue, and what it refuses."""
