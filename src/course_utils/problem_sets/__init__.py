"""What a problem set is: its manifest and cells, what came back of it, and how that is read.

Authoring writes it, `course check` and the grader read it, by the same rules. Only Python's
standard library is needed here, and nothing of this room is visible to student code.
"""
