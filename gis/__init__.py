"""Where and when: the shared vocabulary of positions, times, areas and observations. Imports nothing of ours."""
