"""What every implementation of one port promises."""
