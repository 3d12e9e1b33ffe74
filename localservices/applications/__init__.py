"""Applications for what the state gives: services as forms, filled without a link."""
