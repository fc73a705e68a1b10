"""The tests of the suite: black box, one file per area; they know the target by its wire alone."""
