"""What to do next: pure state machines without I/O, clock or chance."""
