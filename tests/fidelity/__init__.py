"""Holds the mock against the real Djoser, request by request."""
