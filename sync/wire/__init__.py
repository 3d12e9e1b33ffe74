"""What travels: the one description of the bytes, shared by node and central."""
