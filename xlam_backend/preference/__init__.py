"""Chosen and rejected answers: where pairs come from and which of them count."""
