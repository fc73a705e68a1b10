"""A Djoser in memory: the mock server of the contract."""
