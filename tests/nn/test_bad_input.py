"""Bad input is refused with the name of the argument, what came and what was wanted."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nn_cases import CELLS, Cell

from course_utils import nn

# All sizes differ and none is 1, so that every change of a shape is an error.
T, B, D, H, K, V, Q = 3, 4, 5, 2, 6, 7, 8


def rng():
    """The same draws for whoever asks."""
    return np.random.default_rng(0)


def numbers(*shape):
    return rng().standard_normal(shape)


MASK = np.arange(T)[:, None] < np.array([3, 1, 2, 3])
STATES = {"h_0": numbers(B, H), "c_0": numbers(B, H)}
PREVIOUS = {"h_prev": numbers(B, H), "c_prev": numbers(B, H)}


def forward_call(cell: Cell):
    params = cell.params(rng(), D, H)
    states = dict(list(STATES.items())[: cell.states])
    return cell.forward, {"x": numbers(T, B, D), "params": params, **states, "mask": MASK}


def step_call(cell: Cell):
    previous = dict(list(PREVIOUS.items())[: cell.states])
    return cell.step, {"x_t": numbers(B, D), **previous, "params": cell.params(rng(), D, H)}


def backward_call(cell: Cell):
    function, arguments = forward_call(cell)
    *_, tape = function(**arguments)
    extra = {"dc_T": numbers(B, H)} if cell.states == 2 else {}
    return cell.backward, {"dh": numbers(T, B, H), "tape": tape, **extra}


DENSE = nn.init_dense(rng(), D, K)
EMBEDDING = nn.init_embedding(rng(), V, D)
TOKENS = rng().integers(0, V, (T, B))
ATTENTION = {"keys": numbers(T, B, H), "values": numbers(T, B, K), "mask": MASK}
QUERIES = numbers(Q, B, H)
WINDOW_LM = nn.init_window_lm(rng(), V, 3, D, H)
BOTH = nn.BidirectionalParams(nn.init_rnn(rng(), D, H), nn.init_rnn(rng(), D, H))

FORWARD_CALLS = {
    **{f"{name} forward": forward_call(cell) for name, cell in CELLS.items()},
    **{f"{name} step": step_call(cell) for name, cell in CELLS.items()},
    "attention": (nn.attention_forward, {"queries": QUERIES, **ATTENTION}),
    "attention step": (nn.attention_step, {"query": QUERIES[0], **ATTENTION}),
}
BACKWARD_CALLS = {
    **{f"{name} backward": backward_call(cell) for name, cell in CELLS.items()},
    "dense backward": (
        nn.dense_backward,
        {"dy": numbers(T, B, K), "tape": nn.dense_forward(numbers(T, B, D), DENSE)[1]},
    ),
    "embedding backward": (
        nn.embedding_backward,
        {"dx": numbers(T, B, D), "tape": nn.embedding_forward(TOKENS, EMBEDDING)[1]},
    ),
    "attention backward": (
        nn.attention_backward,
        {
            "dcontext": numbers(Q, B, K),
            "tape": nn.attention_forward(QUERIES, **ATTENTION)[2],
        },
    ),
    "window lm backward": (
        nn.window_lm_backward,
        {"dy": numbers(T, B, V), "tape": nn.window_lm_forward(TOKENS, WINDOW_LM)[1]},
    ),
    "softmax_cross_entropy": (
        nn.softmax_cross_entropy,
        {"y": numbers(T, B, K), "targets": rng().integers(0, K, (T, B)), "mask": MASK},
    ),
    "mean_squared_error": (
        nn.mean_squared_error,
        {"y": numbers(T, B, K), "targets": numbers(T, B, K), "mask": MASK},
    ),
    "embedding": (nn.embedding_forward, {"tokens": TOKENS, "params": EMBEDDING}),
}


def resize(array, axis, size):
    return np.resize(array, (*array.shape[:axis], size, *array.shape[axis + 1 :]))


FREE = {  # axes whose size only this one array decides
    ("attention", "queries"): (0,),
    ("attention", "values"): (2,),
    ("attention step", "values"): (2,),
    ("softmax_cross_entropy", "y"): (2,),
    ("embedding", "params.E"): (0, 1),
}


def wrong_shapes(array, free=()):
    """Every neighbouring shape, among them all that would broadcast."""
    yield array[0] if array.ndim > 1 else np.array(array[0])
    yield array[None]
    yield array[..., None]
    for axis in range(array.ndim):
        for size in (0, 1, array.shape[axis] + 1):
            if axis not in free or size == 0:
                yield resize(array, axis, size)
    if array.shape != array.T.shape and len(free) < array.ndim:
        yield array.T


def wrong_kinds(array):
    yield None
    yield array.tolist()
    yield array.astype(object)
    yield array.astype(str)
    if array.dtype.kind == "f":
        yield array.astype(int)
        yield array.astype(np.float16)
        yield array.astype(bool)
    else:
        yield array.astype(float)


def arrays_of(arguments):
    """(name in messages, value) of every array among the arguments, those in params included."""
    for name, value in arguments.items():
        if name == "params":
            for path, leaf in nn.tree_items(value):
                yield f"params.{path.split('.')[-1]}", leaf, path
        elif isinstance(value, np.ndarray):
            yield name, value, None


def corrupted(arguments, name, path, value):
    """The arguments with one array replaced."""
    if path is None:
        return {**arguments, name: value}
    return {**arguments, "params": with_leaf(arguments["params"], path.split("."), value)}


def with_leaf(tree, path, value):
    head, *rest = path
    return replace(tree, **{head: with_leaf(getattr(tree, head), rest, value) if rest else value})


def named(name):
    return rf"\b{re.escape(name.removeprefix('params.'))}\b"


@pytest.mark.parametrize("call", FORWARD_CALLS | BACKWARD_CALLS)
def test_the_calls_themselves_are_fine(call):
    function, arguments = (FORWARD_CALLS | BACKWARD_CALLS)[call]
    function(**arguments)


@pytest.mark.parametrize("call", FORWARD_CALLS | BACKWARD_CALLS)
def test_no_wrong_shape_passes_and_none_broadcasts(call):
    function, arguments = (FORWARD_CALLS | BACKWARD_CALLS)[call]
    for name, array, path in arrays_of(arguments):
        if call == "embedding" and name == "tokens":
            continue  # symbols may have any shape
        for value in wrong_shapes(array, FREE.get((call, name), ())):
            with pytest.raises(ValueError, match=named(name)) as caught:
                function(**corrupted(arguments, name, path, value))
            assert "wanted" in str(caught.value)
            assert re.match(r"\w+: \S+ ", str(caught.value)), str(caught.value)


@pytest.mark.parametrize("call", FORWARD_CALLS | BACKWARD_CALLS)
def test_no_wrong_kind_passes(call):
    function, arguments = (FORWARD_CALLS | BACKWARD_CALLS)[call]
    optional = {"mask", "h_0", "c_0", "dc_T"}
    for name, array, path in arrays_of(arguments):
        for value in wrong_kinds(array):
            if value is None and name in optional:
                continue
            with pytest.raises(TypeError, match=named(name) + r" (is|has dtype) .*; wanted"):
                function(**corrupted(arguments, name, path, value))


@pytest.mark.parametrize("call", [*FORWARD_CALLS, "softmax_cross_entropy", "mean_squared_error"])
@settings(max_examples=5, derandomize=True)
@given(st.data())
def test_nan_and_infinity_are_found_where_they_are(call, data):
    function, arguments = (FORWARD_CALLS | BACKWARD_CALLS)[call]
    for name, array, path in arrays_of(arguments):
        if array.dtype.kind != "f":
            continue
        index = tuple(data.draw(st.integers(0, size - 1)) for size in array.shape)
        value = array.copy()
        value[index] = data.draw(st.sampled_from([np.nan, np.inf, -np.inf]))
        found = re.escape(f"holds {value[index]} at index {index}; wanted finite")
        with pytest.raises(ValueError, match=f"{named(name)} {found}"):
            function(**corrupted(arguments, name, path, value))


@pytest.mark.parametrize("call", BACKWARD_CALLS)
def test_a_tape_or_parameters_of_another_model(call):
    function, arguments = BACKWARD_CALLS[call]
    for name in {"tape", "params"} & set(arguments):
        for other in (None, {}, 3):
            with pytest.raises(TypeError, match=rf"{name} is (None|a dict|a int); wanted \w+"):
                function(**{**arguments, name: other})


@pytest.mark.parametrize("name", CELLS)
def test_parameters_of_another_cell(name):
    function, arguments = forward_call(CELLS[name])
    with pytest.raises(TypeError, match=r"params is a DenseParams; wanted \w+Params"):
        function(**{**arguments, "params": DENSE})


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_largest_numbers_are_finite(dtype):
    """Their squares are not, and the quick look for NaN and infinity squares."""
    y = np.full((2, 4), np.finfo(dtype).max, dtype)
    with np.errstate(all="raise"):
        assert (nn.softmax(y) == 0.25).all()
    y[1, 2] = np.inf
    with pytest.raises(ValueError, match=r"y holds inf at index \(1, 2\)"):
        nn.softmax(y)


def test_the_smallest_sizes_are_fine():
    one = np.ones((1, 1, 1))
    params = nn.init_lstm(rng(), 1, 1, chrono=3)
    h, _, tape = nn.lstm_forward(one, params, mask=nn.mask_from_lengths([1], 1))
    assert nn.lstm_backward(h, tape)[1].shape == (1, 1, 1)
    assert nn.windows(one, 1).shape == (1, 1, 1)
    assert [len(piece) for (piece,) in nn.pieces(1, one)] == [1]


NAMED = [
    (
        lambda: nn.rnn_forward(numbers(T, B, D), BOTH.forwards, None, mask=MASK[:, :2]),
        ValueError,
        "mask has shape (3, 2); wanted (T, B) with B = 4, as in x",
    ),
    (
        lambda: nn.softmax(np.array([[1.0, np.nan], [np.inf, 1.0]])),
        ValueError,
        "y holds nan at index (0, 1)",
    ),
    (
        lambda: nn.softmax(np.zeros((0, 3))),
        ValueError,
        "y has shape (0, 3); wanted (…, K) without an empty axis",
    ),
    (
        lambda: nn.one_hot(np.array([[1, 5], [6, 1]]), 2),
        ValueError,
        "tokens holds 5 at index (0, 1)",
    ),
    (
        lambda: nn.softmax_cross_entropy(numbers(3, 2), np.array([0, 4, 5])),
        ValueError,
        "targets holds 4 at index (1,)",
    ),
    (lambda: nn.numerical_gradient(np.sum, numbers(2), eps=-0.5), ValueError, "eps is -0.5"),
    (lambda: nn.complex_step_gradient(np.sum, numbers(2), eps=-0.5), ValueError, "eps is -0.5"),
    (lambda: nn.complex_step_gradient(np.sum, numbers(2), eps=0), ValueError, "eps is 0"),
    (lambda: nn.compare_gradients({}, {}), ValueError, "got holds no array"),
    (
        lambda: nn.rnn_step(numbers(B, D), numbers(B, H), BOTH.forwards, activation="Tanh"),
        ValueError,
        "rnn_step: activation is 'Tanh'; wanted one of 'tanh', 'sigmoid', 'relu', 'linear'",
    ),
    (
        lambda: nn.rnn_forward(numbers(T, B, D), BOTH.forwards, activation=None),
        ValueError,
        "activation is None",
    ),
    (
        lambda: nn.rnn_forward(numbers(0, B, D), BOTH.forwards),
        ValueError,
        "x has shape (0, 4, 5), an empty axis; wanted (T, B, D)",
    ),
    (
        lambda: nn.rnn_forward(numbers(T, B, D), replace(BOTH.forwards, W_h=numbers(3, 3))),
        ValueError,
        "params.W_h has shape (3, 3); wanted (H, H) with H = 2, as in params.W_x",
    ),
    (
        lambda: nn.lstm_forward(
            numbers(T, B, D), nn.LSTMParams(numbers(D, 9), numbers(2, 8), numbers(8))
        ),
        ValueError,
        "params.W_x has shape (5, 9); wanted (D, 4H)",
    ),
    (
        lambda: nn.lstm_variant_forward(numbers(T, B, D), None, variant="peepholes"),
        ValueError,
        "variant is 'peepholes'; wanted one of 'standard'",
    ),
    (lambda: nn.init_lstm_variant(rng(), D, H, variant="none"), ValueError, "variant is 'none'"),
    (
        lambda: nn.lstm_variant_forward(
            numbers(T, B, D), nn.LSTMVariantParams(nn.init_lstm(rng(), D, H)), variant="peephole"
        ),
        TypeError,
        "params.extra is None; wanted PeepholeParams",
    ),
    (
        lambda: nn.lstm_variant_forward(
            numbers(T, B, D), nn.init_lstm_variant(rng(), D, H, variant="use_gate")
        ),
        TypeError,
        "params.extra is a UseGateParams; wanted NoneType",
    ),
    (lambda: nn.with_gates_open("g"), ValueError, "a gate is 'g'; wanted one of 'i', 'f', 'o'"),
    (
        lambda: nn.mingru_forward(numbers(T, B, D), nn.init_mingru(rng(), D, H), recurrence="tree"),
        ValueError,
        "recurrence is 'tree'; wanted one of 'loop', 'scan'",
    ),
    (
        lambda: nn.minlstm_backward(
            numbers(T, B, H), nn.mingru_forward(numbers(T, B, D), nn.init_mingru(rng(), D, H))[1]
        ),
        TypeError,
        "tape.params is a MinGRUParams; wanted MinLSTMParams",
    ),
    (
        lambda: nn.dense_forward(numbers(T, B, 1), DENSE),
        ValueError,
        "x has shape (3, 4, 1); wanted (…, D) with D = 5",
    ),
    (lambda: nn.dense_forward(np.ones(()), DENSE), ValueError, "x has shape (); wanted"),
    (lambda: nn.mask_from_lengths([3, 9], 6), ValueError, "lengths[1] is 9; wanted 0 to T = 6"),
    (lambda: nn.mask_from_lengths([3, -1], 6), ValueError, "lengths[1] is -1"),
    (
        lambda: nn.mask_from_lengths([3.0], 6),
        TypeError,
        "lengths has dtype float64; wanted integer",
    ),
    (lambda: nn.mask_from_lengths([[3]], 6), ValueError, "lengths has shape (1, 1); wanted (B,)"),
    (lambda: nn.mask_from_lengths(np.zeros(0, int), 6), ValueError, "lengths has shape (0,)"),
    (lambda: nn.mask_from_lengths([3], 0), ValueError, "T is 0; wanted at least 1"),
    (lambda: nn.gradient_at_last_step(numbers(B, H), 0), ValueError, "T is 0"),
    (lambda: nn.gradient_at_last_step([1.0], 2), TypeError, "dh_T is a list"),
    (
        lambda: nn.embedding_forward(np.array([[1, V]]), EMBEDDING),
        ValueError,
        "tokens holds 7 at index (0, 1); wanted 0 to 6, because the vocabulary has 7",
    ),
    (
        lambda: nn.embedding_forward(np.array([-1]), EMBEDDING),
        ValueError,
        "tokens holds -1 at index (0,)",
    ),
    (
        lambda: nn.embedding_forward(np.zeros((0, 2), int), EMBEDDING),
        ValueError,
        "tokens has shape (0, 2)",
    ),
    (lambda: nn.one_hot(np.array([2]), 2), ValueError, "tokens holds 2"),
    (
        lambda: nn.softmax_cross_entropy(numbers(2, 3), np.array([0, 3])),
        ValueError,
        "targets holds 3 at index (1,); wanted 0 to 2, because y has 3 scores",
    ),
    (
        lambda: nn.softmax_cross_entropy(numbers(2, 3), np.array([0, -1])),
        ValueError,
        "targets holds -1",
    ),
    (
        lambda: nn.softmax_cross_entropy(numbers(2, 3), np.array([0, 1]), np.zeros(2, bool)),
        ValueError,
        "mask is False everywhere",
    ),
    (
        lambda: nn.mean_squared_error(numbers(2, 3), numbers(2, 3), np.zeros(2, bool)),
        ValueError,
        "mask is False everywhere",
    ),
    (lambda: nn.softmax(np.ones(())), ValueError, "y has shape (); wanted (…, K)"),
    (lambda: nn.log_softmax(np.array([np.nan])), ValueError, "y holds nan at index (0,)"),
    (lambda: nn.perplexity(-0.1), ValueError, "nats is -0.1; wanted a number of at least 0"),
    (lambda: nn.bits_per_character(float("nan")), ValueError, "nats is nan"),
    (
        lambda: nn.attention_forward(QUERIES, **{**ATTENTION, "mask": MASK & (np.arange(B) != 2)}),
        ValueError,
        "mask is False at every step of sequence 2",
    ),
    (lambda: nn.windows(numbers(T, B, D), 0), ValueError, "m is 0; wanted at least 1"),
    (lambda: nn.windows(numbers(T, B, D), 2.0), TypeError, "m is a float; wanted an integer"),
    (lambda: nn.windows(numbers(B, D), 2), ValueError, "x has shape (4, 5); wanted 3 axes"),
    (
        lambda: nn.windows_backward(numbers(T, B, 5), 2),
        ValueError,
        "dw has shape (3, 4, 5); wanted (T, B, 2D)",
    ),
    (lambda: nn.windows_backward(numbers(T, B, 4), -2), ValueError, "m is -2"),
    (lambda: nn.tdnn_forward(numbers(T, B, D), []), ValueError, "layers is empty"),
    (
        lambda: nn.tdnn_forward(numbers(T, B, D), [DENSE]),
        TypeError,
        "a layer is a DenseParams; wanted TDNNLayer",
    ),
    (
        lambda: nn.tdnn_backward(
            numbers(T, B, 1), nn.tdnn_forward(numbers(T, B, D), nn.init_tdnn(rng(), D, [(2, H)]))[1]
        ),
        ValueError,
        "dh has shape (3, 4, 1); wanted (3, 4, 2)",
    ),
    (lambda: nn.tdnn_backward(numbers(T, B, H), None), TypeError, "tape is None; wanted TDNNTape"),
    (lambda: nn.init_tdnn(rng(), D, []), ValueError, "layers is empty"),
    (lambda: nn.init_tdnn(rng(), D, [(0, 2)]), ValueError, "m is 0"),
    (
        lambda: nn.window_lm_forward(TOKENS[0], WINDOW_LM),
        ValueError,
        "tokens has shape (4,); wanted (T, B)",
    ),
    (
        lambda: nn.window_lm_forward(TOKENS, DENSE),
        TypeError,
        "params is a DenseParams; wanted WindowLMParams",
    ),
    (
        lambda: nn.window_lm_forward(
            TOKENS, replace(WINDOW_LM, hidden=nn.init_dense(rng(), 16, H))
        ),
        ValueError,
        "params.hidden.W has 16 rows; wanted a multiple of D = 5",
    ),
    (lambda: nn.init_window_lm(rng(), V, 0, D, H), ValueError, "m is 0"),
    (
        lambda: nn.stacked_forward(numbers(T, B, D), [], forward=nn.rnn_forward),
        ValueError,
        "layers is empty",
    ),
    (
        lambda: nn.stacked_forward(
            numbers(T, B, D), [BOTH.forwards], [(), ()], forward=nn.rnn_forward
        ),
        ValueError,
        "states has 2 entries; wanted 1, one a layer",
    ),
    (
        lambda: nn.stacked_backward(numbers(T, B, H), None, backward=nn.rnn_backward),
        TypeError,
        "tape is None; wanted StackedTape",
    ),
    (
        lambda: nn.bidirectional_forward(numbers(T, B, D), BOTH.forwards, forward=nn.rnn_forward),
        TypeError,
        "params is a RNNParams; wanted BidirectionalParams",
    ),
    (
        lambda: nn.bidirectional_backward(numbers(T, B, H), None, backward=nn.rnn_backward),
        TypeError,
        "tape is None; wanted BidirectionalTape",
    ),
    (
        lambda: nn.bidirectional_backward(
            numbers(T, B, 3),
            nn.bidirectional_forward(numbers(T, B, D), BOTH, forward=nn.rnn_forward)[1],
            backward=nn.rnn_backward,
        ),
        ValueError,
        "dh has shape (3, 4, 1); wanted (3, 4, 2)",
    ),
    (
        lambda: nn.init_rnn(rng(), D, H, recurrent="unit"),
        ValueError,
        "recurrent is 'unit'; wanted one of 'glorot', 'uniform', 'orthogonal', 'identity'",
    ),
    (lambda: nn.init_lstm(rng(), D, H, chrono=2), ValueError, "T is 2; wanted at least 3"),
    (lambda: nn.init_rnn(rng(), 0, H), ValueError, "D is 0; wanted at least 1"),
    (lambda: nn.init_gru(rng(), D, True), TypeError, "H is a bool; wanted an integer"),
    (lambda: nn.init_dense(rng(), D, 2.5), TypeError, "H is a float"),
    (lambda: nn.init_embedding(rng(), -1, 2), ValueError, "V is -1"),
    (lambda: nn.orthogonal(rng(), 0, 2), ValueError, "D is 0"),
    (lambda: nn.identity(0), ValueError, "H is 0"),
    (
        lambda: nn.spectral_radius(numbers(2, 3)),
        ValueError,
        "W has shape (2, 3); wanted a square (H, H)",
    ),
    (lambda: nn.spectral_radius(np.array([[np.inf]])), ValueError, "W holds inf at index (0, 0)"),
    (lambda: nn.spectral_radius([[1.0]]), TypeError, "W is a list"),
    (
        lambda: nn.with_spectral_radius(np.triu(np.ones((3, 3)), 1), 1.0),
        ValueError,
        "no eigenvalue but 0",
    ),
    (lambda: nn.with_spectral_radius(np.eye(2), -1.0), ValueError, "radius is -1.0"),
    (lambda: list(nn.pieces(0, TOKENS)), ValueError, "window is 0"),
    (lambda: list(nn.pieces(2, TOKENS, TOKENS[:2])), ValueError, "arrays have [3, 2] steps"),
    (
        lambda: nn.truncated_backward(nn.rnn_backward, numbers(T, B, H), None, 0),
        ValueError,
        "window is 0",
    ),
    (lambda: nn.rnn_jacobians(None), TypeError, "tape is None; wanted RNNTape"),
    (lambda: nn.cell_path_by_lag(None), TypeError, "tape is None; wanted LSTMTape"),
    (
        lambda: nn.step_jacobian(np.tanh, numbers(2)),
        ValueError,
        "h_prev has shape (2,); wanted (B, H)",
    ),
    (lambda: nn.step_jacobian(np.tanh, [[1.0]]), TypeError, "h_prev is a list"),
    (lambda: nn.step_jacobian(np.tanh, np.array([[np.nan]])), ValueError, "h_prev holds nan"),
    (lambda: nn.step_jacobian(np.real, numbers(2, 2)), TypeError, "drops the imaginary part"),
    (
        lambda: nn.numerical_gradient(np.sum, numbers(2), eps=0),
        ValueError,
        "eps is 0; wanted a positive",
    ),
    (lambda: nn.complex_step_gradient(np.sum, numbers(2), eps=-1), ValueError, "eps is -1"),
    (
        lambda: nn.numerical_gradient(np.sum, np.ones(2, np.float32)),
        TypeError,
        "params has dtype float32; wanted float64",
    ),
    (
        lambda: nn.complex_step_gradient(lambda x: abs(x).sum(), numbers(2)),
        TypeError,
        "drops the imaginary",
    ),
    (lambda: nn.compare_gradients([np.ones(2)], [np.ones(3)]), ValueError, "shape"),
    (lambda: nn.compare_gradients([np.ones(2)], {"a": np.ones(2)}), ValueError, "structure"),
]


@pytest.mark.parametrize(("call", "error", "words"), NAMED, ids=[words for *_, words in NAMED])
def test_the_message_says_what_came_and_what_was_wanted(call, error, words):
    with pytest.raises(error, match=re.escape(words)):
        call()
