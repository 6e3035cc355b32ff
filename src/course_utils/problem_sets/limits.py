"""What a hand-in may be and may use; the same in ``course check`` and in the grader."""

MAX_BYTES = 20 * 2**20  # of a notebook file
MAX_CELLS = 2_000
MAX_PARSED = 1_000_000  # characters of a cell: a syntax tree takes a hundred times its memory
CELL_SECONDS = 10.0  # of computing, for one cell and for the check of one task
MEMORY = 768  # MiB that student code may ask for
ROOMS = ("checks", "data", "figures")  # of course_utils: the others hold answers, or the grader
PACKAGES = ("numpy", "matplotlib", "ipython")  # beside Python's own; they bring what they need


def too_large(size: int) -> str | None:
    """One sentence for a file of ``size`` bytes, or None where it can be graded."""
    if size <= MAX_BYTES:
        return None
    return (
        f"The file has {size / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB can be graded. "
        "Clear the outputs and save again."
    )
