"""Evidence of war crimes and sightings: taken at the desk, sealed so that only central reads it."""
