"""One file a document format: from its text to a verdict."""
