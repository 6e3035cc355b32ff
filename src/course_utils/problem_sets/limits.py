"""What a hand-in may be and may use; the same in ``course check`` and in the grader."""

MAX_BYTES = 20 * 2**20  # of a notebook file
MAX_CELLS = 2_000
MAX_PARSED = 1_000_000  # characters of a cell: a syntax tree takes a hundred times its memory
CELL_SECONDS = 10.0  # of computing, for one cell and for the check of one task
MEMORY = 768  # MiB that student code may ask for
# Of course_utils, beside the data that a set's locked cells import. The others hold answers.
ROOMS = ("checks", "figures")
# Beside Python's own modules; they bring what they need.
PACKAGES = ("numpy", "matplotlib", "tqdm", "ipython", "ipywidgets")


def too_large(size: int) -> str | None:
    """One sentence for a file of ``size`` bytes, or None where it can be graded."""
    if size <= MAX_BYTES:
        return None
    return (
        f"The file has {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB can be graded. "
        "Clear the outputs and save again."
    )
