"""One client for every OpenAI-compatible endpoint, and a scripted local server that speaks the protocol."""
