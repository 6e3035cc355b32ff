"""Synthetic tasks: each needs something carried over a known number of steps, and knows what
a blind guess would cost."""

from course_utils.data.tasks.batch import Batch, Criterion, one_hot
from course_utils.data.tasks.bits import binary_addition, echo, parity, xor_in_time
from course_utils.data.tasks.steep import steep, window_accuracy, window_bound, window_needed

__all__ = [
    "Batch",
    "Criterion",
    "binary_addition",
    "echo",
    "one_hot",
    "parity",
    "steep",
    "window_accuracy",
    "window_bound",
    "window_needed",
    "xor_in_time",
]
