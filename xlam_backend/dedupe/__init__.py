"""Near-duplicates and contamination: pairs, their classes, clusters, decisions."""
