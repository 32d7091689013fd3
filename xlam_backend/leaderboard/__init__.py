"""Published and own scores side by side, each with its source and date."""
