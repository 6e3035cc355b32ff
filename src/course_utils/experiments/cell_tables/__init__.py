"""Chapter 07's slow tables: measured once, kept in `outcomes.csv`, and measured again on demand.

A table is a task, a budget and rows, mostly cells; a run is a table, a row and a seed. `measure`
does one run, `stored` reads what was recorded, and `python -m course_utils.experiments.cell_tables`
does all runs that are not recorded yet (about half an hour on one core; it may be stopped, and goes
on where it was). A test does some of the cheap runs again and compares.
"""

from course_utils.experiments.cell_tables.record import OUTCOMES, record, stored
from course_utils.experiments.cell_tables.tables import SEEDS, TABLES, measure

__all__ = ["OUTCOMES", "SEEDS", "TABLES", "measure", "record", "stored"]
