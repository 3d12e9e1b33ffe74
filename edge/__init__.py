"""The node's process: assembles and runs what the lower floors offer."""
