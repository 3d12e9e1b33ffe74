"""The machine the node stands on; imports nothing of ours."""
