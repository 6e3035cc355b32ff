"""From text to executed notebooks, student notebooks and pages."""
