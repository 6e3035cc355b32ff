"""Comparisons that explain: what student notebooks call and the grader trusts."""
