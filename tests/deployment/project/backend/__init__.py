"""A Django backend whose settings come from a profile."""
