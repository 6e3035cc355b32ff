"""Models, losses, gradients, optimisers and the training loop, in plain NumPy.

Functions over plain arrays and small frozen dataclasses. ``*_forward`` returns outputs and a
*tape*, ``*_backward`` takes the gradient of the outputs and the tape and returns gradients shaped
like what they belong to. Arrays are time-major, ``(T, B, D)``. Everything public can be imported
from here; PyTorch is needed by ``nn.pytorch`` alone, which is not.
"""

from importlib import import_module
from typing import Any

_EXPORTS = {
    "activations": "relu sigmoid softplus",
    "attention": "attention_backward attention_forward attention_step",
    "batches": "Cycled Resumable Sampled",
    "checkpoints": "CheckpointError load_checkpoint save_checkpoint",
    "compose": (
        "BidirectionalParams bidirectional_backward bidirectional_forward stacked_backward "
        "stacked_forward"
    ),
    "dense": "DenseParams dense_backward dense_forward init_dense",
    "embedding": "EmbeddingParams embedding_backward embedding_forward init_embedding one_hot",
    "gradients": "GradientComparison compare_gradients complex_step_gradient numerical_gradient",
    "gru": "GRUParams gru_backward gru_forward gru_step init_gru",
    "history": "History",
    "initialisation": (
        "chrono_bias glorot identity orthogonal spectral_radius uniform with_spectral_radius"
    ),
    "jacobians": (
        "cell_path_by_lag gradient_norm_by_lag rnn_jacobians state_gradients step_jacobian"
    ),
    "losses": (
        "bits_per_character log_softmax mean_squared_error perplexity softmax softmax_cross_entropy"
    ),
    "lstm": "LSTMParams init_lstm lstm_backward lstm_forward lstm_step split_gates",
    "lstm_variants": (
        "LSTM_VARIANTS LSTMVariant LSTMVariantParams PeepholeParams UseGateParams "
        "init_lstm_variant lstm_variant_backward lstm_variant_forward lstm_variant_step "
        "with_gates_open"
    ),
    "minrnn": (
        "MinGRUParams MinLSTMParams init_mingru init_minlstm mingru_backward mingru_forward "
        "mingru_step minlstm_backward minlstm_forward minlstm_step recurrence_by_loop "
        "recurrence_by_scan"
    ),
    "optimisers": "SGD Adam clip_by_global_norm clip_by_value global_norm",
    "rnn": "RNNParams init_rnn rnn_backward rnn_forward rnn_step",
    "schedules": "cosine_decay linear_decay step_decay warm_up",
    "sequences": "gradient_at_last_step mask_from_lengths",
    "training": "DivergenceError NumPyLearner fit train",
    "trees": "tree_items tree_leaves tree_map tree_rebuild",
    "truncation": "TruncatedBPTT pieces truncated_backward",
    "window": (
        "TDNNLayer WindowLMParams init_tdnn init_window_lm tdnn_backward tdnn_forward "
        "window_lm_backward window_lm_forward windows windows_backward"
    ),
}
_HOMES = {name: module for module, names in _EXPORTS.items() for name in names.split()}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is first asked for (PEP 562): `import nn` stays cheap."""
    if name in _EXPORTS:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_EXPORTS})
