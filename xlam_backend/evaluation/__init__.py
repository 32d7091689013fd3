"""Evaluations: a model answers a question set, and each answer is scored."""
