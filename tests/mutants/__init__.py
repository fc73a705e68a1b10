"""The suite against things that are known to be wrong: faulty Djosers and quirks of the mock."""
