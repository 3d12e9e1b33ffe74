"""The other end's processes: intake, log, projections and operations."""
