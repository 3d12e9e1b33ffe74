"""Publishing services of the state."""
