"""What central sends to every node: which files are in force here, and how old they are."""
