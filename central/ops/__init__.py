"""The operations web: which node is up, dark or filling, at one look."""
