"""The outer walls, as the orchestrator builds them: bubblewrap, and which rung this machine allows."""
