"""The final exam adds up: points to 100, and every number of its solutions computed again."""

import re
from pathlib import Path

import numpy as np

from course_utils import nn
from course_utils.data.tasks import window_bound, window_needed

PAGE = Path(__file__).parents[2] / "book/instructor/final_exam.md"
SHEET, SOLUTIONS = PAGE.read_text(encoding="utf-8").split("## Solutions and marking")


def question_1() -> list[str]:
    bounds = [window_bound("cocoon", k) for k in (1, 2)]
    assert window_bound("cocoon", 3) == 0
    return [*map(digits, bounds), str(window_needed("cocoon"))]


def question_2() -> list[str]:
    D, H, K = 3, 4, 2
    rng = np.random.default_rng(0)

    def size(params):
        return sum(leaf.size for leaf in nn.tree_leaves(params))

    readout = nn.init_dense(rng, H, K)
    counts = [size(init(rng, D, H)) + size(readout) for init in (nn.init_rnn, nn.init_lstm)]
    latch = nn.RNNParams(np.ones((1, 1)), np.full((1, 1), 2.0), np.zeros(1))
    x = np.zeros((60, 1, 1))
    x[0] = 1
    h, _ = nn.rnn_forward(x, latch)
    assert abs(h[0, 0, 0] - 0.762) < 5e-4
    return [*map(str, counts), digits(h[-1, 0, 0])]


def question_3() -> list[str]:
    nats = -np.log([1 / 2, 1 / 4, 1 / 8, 1 / 8]).mean()
    scores = np.log([4.0, 2.0, 1.0])
    return [
        digits(nn.bits_per_character(nats)),
        digits(nats),
        digits(nn.perplexity(nats)),
        *(digits(nn.softmax(scores / temperature)[0]) for temperature in (1, 0.5)),
    ]


def question_4() -> list[str]:
    x = np.array([1.0, 2.0, 4.0])

    def states(w):
        h = [0 * w]
        for x_t in x:
            h.append(w * h[-1] + x_t)
        return h

    w = 0.5
    h = states(w)
    dh = [(h[3] - 5) * w ** (3 - t) for t in (3, 2, 1)]
    gradient = sum(dh_t * h[t - 1] for dh_t, t in zip(dh, (3, 2, 1), strict=True))
    measured = nn.complex_step_gradient(lambda v: (states(v)[-1] - 5) ** 2 / 2, np.array(w))
    assert np.isclose(gradient, measured)
    total = [nn.complex_step_gradient(lambda v, t=t: states(v)[t], np.array(w)) for t in (3, 2, 1)]
    overcounted = sum(dh_t * each for dh_t, each in zip(dh, total, strict=True))
    return [*map(digits, (*h[1:], *dh, gradient, overcounted))]


def question_5() -> list[str]:
    steps = [next(k for k in range(100) if factor**k < 0.01) for factor in (0.9, 0.9 / 4)]
    (first, second), norm = nn.clip_by_global_norm((np.array([3.0, 4.0]), np.array([12.0])), 6.5)
    return [*map(str, steps), *map(digits, (norm, *first, *second))]


def question_6() -> list[str]:
    f, i, g, o, c_prev = 0.9, 0.1, 1.0, 0.5, 2.0
    c = f * c_prev + i * g
    assert abs(np.tanh(c) - 0.956) < 5e-4
    keep = 0.5 ** (1 / 100)
    bias = np.log(keep / (1 - keep))
    assert np.isclose(nn.sigmoid(np.array(bias)) ** 100, 0.5)
    return [*map(digits, (c, o * np.tanh(c), f**10, keep, bias))]


def question_7() -> list[str]:
    longest = np.log(201 - 1)
    drawn = nn.chrono_bias(np.random.default_rng(0), 10_000, 201)
    assert 0 <= drawn.min() < 0.05
    assert longest - 0.05 < drawn.max() <= longest
    keep = float(nn.sigmoid(np.array(np.log(99))))
    return [*map(digits, (longest, keep, 1 / (1 - keep)))]


def question_8() -> list[str]:
    losses = np.array([[1, 1, 1, 0, 0], [2, 2, 2, 2, 2]]).T
    mask = nn.mask_from_lengths([3, 5], 5)
    assert mask.shape == losses.shape
    return [*map(digits, (losses[mask].mean(), losses.mean(), 1 / 0.8))]


def question_9() -> list[str]:
    query = np.array([[2.0, 0, 0, 0]])
    keys = np.zeros((3, 1, 4))
    keys[:, 0, 0] = 0, np.log(2), np.log(5)
    values = np.array([8.0, 0, 16]).reshape(3, 1, 1)
    context, weights = nn.attention_step(query, keys, values)
    k, u = np.array([0.5, 0.2]), np.array([1.0, 3.0])
    both = k.prod(), k[1] * u[0] + u[1]
    h_0 = np.ones((1, 1))
    loop = nn.recurrence_by_loop(k.reshape(2, 1, 1), u.reshape(2, 1, 1), h_0)
    assert np.isclose(loop[-1, 0, 0], both[0] * 1 + both[1])
    return [*map(digits, (*weights[:, 0], context[0, 0], *both)), str(int(np.log2(1024)))]


def digits(value: float) -> str:
    """Three digits, more where the number is exact with four, as a student would write it."""
    exact = f"{value:.4g}"
    return exact if np.isclose(float(exact), value, rtol=1e-12) else f"{value:.3g}"


ANSWERS = [
    question_1,
    question_2,
    question_3,
    question_4,
    question_5,
    question_6,
    question_7,
    question_8,
    question_9,
]


def answered(number: int) -> str:
    """The solution of one question."""
    return re.search(rf"### Answers to question {number}\n(.*?)(?=\n### |\Z)", SOLUTIONS, re.S)[1]


def test_every_number_of_the_solutions_is_computed_again() -> None:
    for number, compute in enumerate(ANSWERS, start=1):
        printed = re.findall(r"\*\*(-?[\d.]+)\*\*", answered(number))
        assert printed == compute(), number
    assert not re.findall(r"\*\*[\d.]+\*\*", answered(10))


def test_points_add_up_to_a_hundred() -> None:
    asked = [
        int(points)
        for points in re.findall(r"^### Question \d+ · .* \((\d+) points\)$", SHEET, re.M)
    ]
    assert len(asked) == 10
    assert sum(asked) == 100
    for number, points in enumerate(asked, start=1):
        given = re.findall(r"^- (\d+) points?: ", answered(number), re.M)
        assert sum(map(int, given)) == points, number


def test_every_part_that_is_asked_is_a_part_of_the_sheet() -> None:
    """Parts are lettered from (a) without a gap."""
    for question in re.split(r"^### Question ", SHEET, flags=re.M)[1:]:
        letters = re.findall(r"\*\*\(([a-z])\)\*\*", question)
        assert letters == list("abcdefg")[: len(letters)], question.splitlines()[0]
