"""What central publishes, and how it hands it out."""
