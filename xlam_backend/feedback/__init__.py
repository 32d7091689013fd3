"""From failures back to the data: the nearest training samples, what is missing, what to do about it."""
