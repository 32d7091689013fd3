"""Rows of training data in the formats that trainers expect."""
