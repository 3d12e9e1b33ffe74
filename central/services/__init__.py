"""Services of the state: forms made by others, checked, converted and published for all nodes."""
