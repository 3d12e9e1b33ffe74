"""What is kept on the node: the sealed outbox and the locked working set."""
