"""Judges: what a language model is asked about a trajectory, and how its answer is read."""
