"""What people do at a centre, tried through its pages on a real store."""
