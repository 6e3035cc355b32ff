"""The outer walls, as the orchestrator builds them with bubblewrap."""
