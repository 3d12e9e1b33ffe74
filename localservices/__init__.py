"""What people do at a relief centre; one folder a service."""
