"""What an answer may do that a grader could take otherwise than the check in a notebook does.

Problem set 2's first function does it all; the mistakes and the ways to be right are on the lists.
"""

from typing import NamedTuple

from course_utils.grading.answers import Answer

SET, TASK = "ps02_recurrence", "rnn_step"
STEP = """\
def rnn_step(x_t, h_prev, W_x, W_h, b):
    return np.tanh(x_t @ W_x + h_prev @ W_h + b)
"""
CALLED = f"""\
{STEP}
_step = rnn_step
def rnn_step(x_t, *args):
    {{}}
    return _step(x_t, *args)
"""


class Deed(NamedTuple):
    """The source of an answer, whether it deserves its points, and what its cells show."""

    source: str
    right: bool
    shows: str


# The first two define nothing, so they stand before all that do.
DEEDS = {
    "is_no_python": Deed("def rnn_step(x_t,", False, "SyntaxError"),
    "raises_at_once": Deed("1 / 0\n" + STEP, False, "ZeroDivisionError"),
    "raises_when_called": Deed(CALLED.format("raise LookupError"), False, "LookupError"),
    "alters_its_argument": Deed(CALLED.format("x_t += 1"), False, "altered its argument 1 'x_t'"),
    "fails_where_students_look": Deed(
        STEP.replace(" + b", ""), False, "Likely cause: the bias b is missing"
    ),
    "fails_where_they_cannot": Deed(
        CALLED.format("if len(x_t) == 1: return 0 * args[0]"), False, "First wrong: batch row 0"
    ),
    "prints": Deed(STEP + "print('solved')", True, "solved"),
    "prints_when_called": Deed(CALLED.format("print('called')"), True, "called"),
    "writes_errors_when_called": Deed(
        "import sys\n" + CALLED.format("print('careful', file=sys.stderr)"), True, "careful"
    ),
    "warns_when_called": Deed(
        CALLED.format("np.log(np.zeros(1))"), True, "RuntimeWarning: divide by zero"
    ),
    "is_an_object": Deed(
        f"class _Step:\n    def __call__(self, *args):\n        return _step(*args)\n{STEP}\n"
        "_step = rnn_step\nrnn_step = _Step()\nprint(type(rnn_step))",
        True,
        "__main__._Step",
    ),
}
ANSWERS = {Answer(name, TASK, deed.source): deed.right for name, deed in DEEDS.items()}
