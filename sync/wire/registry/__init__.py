"""A registry of documents for a whole country, small enough for every node to hold."""
