"""Texts as vectors: models, a cache on disk by text hash, nearest neighbours."""
