"""How long a full outbox takes over a bad link, and what else would take over the same one."""
