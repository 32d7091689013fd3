"""Training runs: settings, what is checked before the start, the trainers, and what they leave behind."""
