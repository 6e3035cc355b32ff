"""Synthetic tasks: each needs something carried over a known number of steps, and knows what
a blind guess would cost."""

from course_utils.data.tasks.batch import Batch, Criterion, one_hot
from course_utils.data.tasks.bits import binary_addition, echo, parity, xor_in_time
from course_utils.data.tasks.lags import (
    LEXICONS,
    adding,
    agreement,
    copy,
    recall_stream,
    temporal_order,
)
from course_utils.data.tasks.reber import (
    REBER,
    ReberBatch,
    accepts,
    embedded,
    legal,
    long_reber,
    reber,
)
from course_utils.data.tasks.steep import steep, window_accuracy, window_bound, window_needed

__all__ = [
    "LEXICONS",
    "REBER",
    "Batch",
    "Criterion",
    "ReberBatch",
    "accepts",
    "adding",
    "agreement",
    "binary_addition",
    "copy",
    "echo",
    "embedded",
    "legal",
    "long_reber",
    "one_hot",
    "parity",
    "reber",
    "recall_stream",
    "steep",
    "temporal_order",
    "window_accuracy",
    "window_bound",
    "window_needed",
    "xor_in_time",
]
