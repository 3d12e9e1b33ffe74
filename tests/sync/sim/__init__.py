"""The simulator finds bugs, and finds none."""
