"""Turns a results file into what a CI and a person read."""
