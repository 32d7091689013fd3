"""Recipes: which rows are drawn from where, and what is missing."""
