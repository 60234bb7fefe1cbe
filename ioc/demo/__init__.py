"""Real data and the players that stand in for the street."""
