"""Frozen training sets: what is in one, where each row comes from, and reading it."""
