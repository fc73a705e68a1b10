"""The contract: what the document says, what is required of a deployment, and the types of a run."""

__version__ = "0.1.0"
