"""The form engine, held against the engine of ODK Collect."""
