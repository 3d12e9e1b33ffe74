"""Applications for services of the state: forms as data, filled on pages and on phones."""
