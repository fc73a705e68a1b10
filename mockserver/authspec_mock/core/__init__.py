"""The core: Djoser, DRF and simplejwt as pure functions; no sockets, no clock, no chance of its own."""
