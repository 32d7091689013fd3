"""The Berkeley Function Calling Leaderboard: its questions, how answers are read and scored, its files and its sums."""
