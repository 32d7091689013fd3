"""The Berkeley Function Calling Leaderboard: questions, reading and scoring answers, its files and sums."""
