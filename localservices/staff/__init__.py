"""Who works at this centre: the first account, signing in, signing out, locking."""
