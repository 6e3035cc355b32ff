"""The types that the texts promise are those that the checks use, and all of them.

The promise stands at the beginning of each text (codes are int64, other arrays float64) and in its
tasks. A check that used anything else would punish what nobody was told.
"""

import numpy as np
import pytest
from in_process import FOLDER, SETS, run

from course_utils import checks

REALS, CODES = "array of float64", "array of int64"
PROMISED = {
    "ps01_feedforward_limits": {
        "one_hot_windows": (CODES, "int", "int"),
        "window_scores": (CODES, REALS, REALS, REALS, REALS, REALS),
        "window_floor": ("str", "int"),
        "count_window": ("int", "int", "int", "int"),
        "longest_window": ("int", "int", "int", "int"),
        "window_backward": (REALS, CODES, REALS, REALS, REALS, REALS),
        "slide": (REALS, REALS, REALS),
        "shuffles": (REALS, REALS, REALS, CODES),
        "verdict": (
            "array of float32 or array of float64",
            "array of float32 or array of float64",
            "array of float32 or array of float64",
        ),
        "held_out_curve": (CODES, CODES, "int", "int"),
    },
    "ps02_recurrence": {
        "rnn_step": (REALS, REALS, REALS, REALS, REALS),
        "rnn_forward": (REALS, REALS, REALS, REALS, REALS),
        "leaky_states": (REALS, REALS, "float", "int"),
        "many_to_many": (REALS, REALS, REALS),
        "many_to_one": (REALS, CODES, REALS, REALS),
        "torch_state": (REALS, REALS, REALS),
        "parity_weights": (),
        "encoder_decoder": (
            REALS,
            REALS,
            "tuple of array of float64",
            "tuple of array of float64",
            "tuple of array of float64",
            "int",
        ),
        "memory_curve": (REALS, REALS, "list of int"),
        "modulo_weights": ("int",),
    },
    "ps03_language_models": {
        "characters_of": ("str",),
        "encode": ("str", "str"),
        "decode": (CODES, "str"),
        "cross_entropy": (REALS, CODES),
        "bits_of": (REALS,),
        "perplexity_of": (REALS,),
        "bits_from_perplexity": ("float",),
        "contiguous_batches": (CODES, "int", "int"),
        "report": ("list of array of int64", REALS, REALS, REALS),
        "draw": (REALS, "float or int", REALS),
        "leak_share": ("str", "str", "int"),
        "kneser_ney": ("str", "str"),
    },
    "ps04_bptt": {
        "rnn_step_backward": (REALS,) * 6,
        "rnn_backward": (REALS,) * 6,
        "numerical_gradient": ("function", REALS, "float"),
        "mended_columns": (REALS,) * 4,
        "mended_leaky": (REALS, REALS, REALS, REALS, REALS, "float"),
        "mended_memory": (REALS, REALS, REALS, "float"),
        "truncated_backward": (REALS, REALS, REALS, REALS, REALS, "int"),
        "error_curve": (
            "function",
            REALS,
            REALS,
            "array of float64 or list of float or tuple of float",
        ),
        "checkpointed_backward": (REALS, REALS, REALS, "int", REALS, REALS, REALS),
        "running_gradient": (REALS,) * 6,
    },
    "ps05_vanishing_exploding": {
        "step_jacobian": (REALS, REALS),
        "gradient_norms": (REALS,) * 3,
        "factor_per_step": (REALS, "int"),
        "jacobian_over": (REALS, REALS, "int"),
        "scale_to_radius": (REALS, "float"),
        "orthogonal_from": (REALS,),
        "clip_by_global_norm": ("dict of array of float64", "float"),
        "critical_radius": (REALS,) * 3,
    },
    "ps06_lstm_gates": {
        "lstm_step": (REALS,) * 6,
        "lstm_forward": (REALS,) * 6,
        "memo_weights": (),
        "cell_path": (REALS,),
        "with_forget_bias": (REALS, REALS, "float or int"),
        "cs231n_to_torch": (REALS,) * 3,
        "coupled_forward": (REALS,) * 6,
        "peephole_step": (REALS,) * 9,
        "udacity_to_standard": (REALS,) * 8,
        "counter_weights": (),
    },
    "ps07_lstm_learning": {
        "lstm_step_backward": (REALS,) * 9,
        "lstm_backward": (REALS,) * 9,
        "mended_coupled": (REALS,) * 5,
        "mended_gru": (REALS,) * 5,
        "mended_1997": (REALS,) * 5,
        "gru_step": (REALS,) * 6,
        "chrono_bias": (REALS, "int"),
        "adding_batch": ("int", "int", "int"),
        "wilson_interval": ("int", "int"),
        "error_with_open": ("dict of array of float64, float", REALS, REALS, "NoneType or str"),
    },
    "ps08_char_lstm": {
        "split_text": ("list of str", "float"),
        "trigram_bits": ("str", "str", "str"),
        "model_bits": ("dict of array of float64", CODES),
        "masked_bits": (REALS, CODES),
        "last_states": (REALS, CODES),
        "stop_early": ("list of float or list of int", "int"),
        "write_text": ("dict of array of float64", "str", "str", REALS, "float"),
        "pack_run": ("dict of dict of array of float64, int, str",),
        "unpack_run": ("bytes",),
        "train_model": (CODES, "int"),
    },
    "ps09_beyond": {
        "attend": (REALS,) * 3,
        "attend_backward": (REALS,) * 5,
        "additive_weights": (REALS,) * 5,
        "masked_attend": (REALS, REALS, REALS, "array of bool"),
        "causal_self_attention": (REALS,) * 4,
        "position_vectors": ("int", "int"),
        "scan_sweeps": (REALS, REALS),
        "mingru_states": (REALS,) * 6,
        "matrix_memory": (REALS,) * 5,
        "share_repeated": (REALS, CODES, "bool"),
        "mingru_gradients": (REALS,) * 7,
    },
}


def described(value):
    """The type of an argument, with what it holds."""
    if isinstance(value, np.ndarray):
        return f"array of {value.dtype}"
    if isinstance(value, list | tuple | dict):
        held = value.values() if isinstance(value, dict) else value
        return f"{type(value).__name__} of {', '.join(sorted(set(map(described, held))))}"
    return type(value).__name__


@pytest.mark.parametrize("name", SETS)
def test_what_is_checked_is_promised_and_what_is_promised_is_checked(name, monkeypatch):
    called = {}
    usual = checks.call

    def call(function, *args):
        kinds = called.setdefault(function.__name__, {})
        for place, argument in enumerate(args):  # the last ones may have defaults
            kinds.setdefault(place, set()).add(described(argument))
        return usual(function, *args)

    monkeypatch.setattr(checks, "call", call)
    assert all(outcome.passed for outcome in run(name).values())
    found = {
        function: tuple(" or ".join(sorted(kinds[place])) for place in sorted(kinds))
        for function, kinds in called.items()
    }
    assert found == PROMISED[name]


@pytest.mark.parametrize("name", SETS)
def test_the_text_says_which_arrays_come(name):
    text = (FOLDER.parents[1] / "book" / "problem_sets" / f"{name}.md").read_text()
    opening = " ".join(text.split("```{code-cell}")[0].split())
    for kind in ("float64", "int64"):
        assert kind in opening or f"array of {kind}" not in str(PROMISED[name])
