"""Grading a class: orchestrator, checker and jail."""
