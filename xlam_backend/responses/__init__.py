"""Answers of less powerful models: generated, checked, rated, and paired with better ones."""
