"""Do the runs that are not recorded yet."""

from course_utils.experiments.repeated_words import SHARES, record

print(f"{record()} runs added to {SHARES.name}")
