"""Do all runs of chapter 07's tables that are not recorded yet."""

from course_utils.experiments.cell_tables import OUTCOMES, record

if __name__ == "__main__":
    print(f"{record()} runs done; they are all in {OUTCOMES.name}.")
