"""Where and when: the shared words of positions, times, areas and observations. Imports nothing of ours."""
