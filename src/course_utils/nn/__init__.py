"""Models, losses, gradients, optimisers and the training loop, in plain NumPy.

Functions over plain arrays and small frozen dataclasses. ``*_forward`` returns outputs and a
*tape*, ``*_backward`` takes the gradient of the outputs and the tape and returns gradients shaped
like what they belong to. Arrays are time-major, ``(T, B, D)``. Everything public is importable from here.
"""

from .compose import (
    BidirectionalParams,
    bidirectional_backward,
    bidirectional_forward,
    stacked_backward,
    stacked_forward,
)
from .dense import DenseParams, dense_backward, dense_forward, init_dense
from .losses import (
    bits_per_character,
    log_softmax,
    mean_squared_error,
    perplexity,
    softmax,
    softmax_cross_entropy,
)
from .rnn import RNNParams, init_rnn, rnn_backward, rnn_forward, rnn_step
from .sequences import gradient_at_last_step, mask_from_lengths

__all__ = [
    "BidirectionalParams",
    "DenseParams",
    "RNNParams",
    "bidirectional_backward",
    "bidirectional_forward",
    "bits_per_character",
    "dense_backward",
    "dense_forward",
    "gradient_at_last_step",
    "init_dense",
    "init_rnn",
    "log_softmax",
    "mask_from_lengths",
    "mean_squared_error",
    "perplexity",
    "rnn_backward",
    "rnn_forward",
    "rnn_step",
    "softmax",
    "softmax_cross_entropy",
    "stacked_backward",
    "stacked_forward",
]
