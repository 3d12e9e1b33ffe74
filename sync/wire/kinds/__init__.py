"""Each kind of record: its fields, lane and retention; one file a slice."""
