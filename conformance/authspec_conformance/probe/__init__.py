"""Finds out from outside which profile a deployment has."""
