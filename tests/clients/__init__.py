"""Real programs of other people's that fetch from ours."""
