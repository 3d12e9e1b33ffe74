"""Photos, video, audio and any other file: attached to a record, or a report of their own."""
