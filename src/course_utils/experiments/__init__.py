"""The experiments of the course as functions of a seed and a budget."""
