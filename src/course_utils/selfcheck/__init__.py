"""``course check``: what a student sees before handing in.

It is the grader on the student's own machine: the same reader, plan, kernel, wire and checks, but
for the hidden ones, and without walls, because the code is the student's own.
"""
