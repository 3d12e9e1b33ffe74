"""What concurrent edits come to: rules over plain data, the same at nodes and at central."""
