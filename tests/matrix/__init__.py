"""The suite against real Djosers of several versions, and what changed for clients between them."""
