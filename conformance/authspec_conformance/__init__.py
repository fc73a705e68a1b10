"""The suite that holds a deployment against the contract."""
