"""The exact text a model is trained on, and which of it is the target."""
