"""Explosive hazards: reported in a minute, shown on a drawn map with their age."""
