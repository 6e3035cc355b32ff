"""Sequence tasks and text: what the models of the course learn from."""
