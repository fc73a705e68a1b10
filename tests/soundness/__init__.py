"""The suite against real Djosers that are correct: it must stay green."""
