"""The types that the texts of sets 1 to 3 promise are those that the checks use, and all of them.

The promise stands at the beginning of each text (codes are int64, other arrays float64) and in the
tables of its tasks. A check that used anything else would punish what nobody was told.
"""

import numpy as np
import pytest
from in_process import FOLDER, run

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
}


def described(value):
    """The type of an argument, with what it holds."""
    if isinstance(value, np.ndarray):
        return f"array of {value.dtype}"
    if isinstance(value, list | tuple):
        held = dict.fromkeys(map(described, value))
        return f"{type(value).__name__} of {', '.join(held)}"
    return type(value).__name__


@pytest.mark.parametrize("name", PROMISED)
def test_what_is_checked_is_promised_and_what_is_promised_is_checked(name, monkeypatch):
    called = {}
    usual = checks.call

    def call(function, *args):
        kinds = called.setdefault(function.__name__, [set() for _ in args])
        for kind, argument in zip(kinds, args, strict=True):
            kind.add(described(argument))
        return usual(function, *args)

    monkeypatch.setattr(checks, "call", call)
    assert all(outcome.passed for outcome in run(name).values())
    found = {f: tuple(" or ".join(sorted(kind)) for kind in kinds) for f, kinds in called.items()}
    assert found == PROMISED[name]


@pytest.mark.parametrize("name", PROMISED)
def test_the_text_says_which_arrays_come(name):
    text = (FOLDER.parents[1] / "book" / "problem_sets" / f"{name}.md").read_text()
    opening = " ".join(text.split("```{code-cell}")[0].split())
    assert "float64" in opening
    assert "int64" in opening
