"""What problem set 3 says in its text: worked examples, and what its four results really are."""

import numpy as np
import pytest
from in_process import solved

SET = "ps03_language_models"


@pytest.fixture(scope="module", name="solved")
def everything_solved():
    return solved(SET)


def test_the_worked_example_of_the_vocabulary(solved):
    assert solved["characters_of"]("banana") == "abn"
    assert solved["encode"]("banana", "abn").tolist() == [1, 0, 2, 0, 2, 0]


def test_the_worked_examples_of_prices_and_scales(solved):
    y = np.array([[[2.0, 1.0, 0.0]]])
    np.testing.assert_allclose(solved["cross_entropy"](y, np.array([[1]])), 1.408, atol=5e-4)
    log_p = np.log([1 / 2, 1 / 4, 1 / 8, 1 / 8])
    np.testing.assert_allclose(solved["bits_of"](log_p), 2.25)
    np.testing.assert_allclose(solved["perplexity_of"](log_p), 4.757, atol=5e-4)


def test_the_worked_example_of_the_batches(solved):
    made = solved["contiguous_batches"](np.arange(13), 2, 3)
    assert made["x"].tolist() == [[[0, 4, 8], [1, 5, 9]], [[2, 6, 10], [3, 7, 11]]]
    np.testing.assert_array_equal(made["targets"], made["x"] + 1)


def test_the_report_of_the_example_and_that_it_has_three_bugs(solved):
    documents = [np.array([0, 1, 2, 1]), np.array([2, 2])]
    right = solved["report"](documents, *solved["demo"])
    np.testing.assert_allclose(right, 2.638, atol=5e-4)
    assert abs(solved["report_broken"](documents, *solved["demo"]) - right) > 1


def test_the_worked_example_of_the_dice(solved):
    y = np.tile([2.0, 1.0, 0.0], (3, 1))
    assert solved["draw"](y, 1.0, np.array([0.5, 0.7, 0.95])).tolist() == [0, 1, 2]
    assert solved["draw"](y, 0.5, np.array([0.5, 0.7, 0.95])).tolist() == [0, 0, 1]


def test_the_worked_examples_of_the_leak_and_of_kneser_ney(solved):
    np.testing.assert_allclose(solved["leak_share"]("the cat sat", "a cat sits", 4), 0.6)
    row = solved["kneser_ney"]("abracadabra", "abcdr")[0]
    np.testing.assert_allclose(row, [0.129, 0.443, 0.193, 0.193, 0.043], atol=5e-4)


def test_the_verdicts_follow_from_what_a_student_can_measure(solved):
    leak, price, pairs = solved["leak_share"], solved["price"], solved["colleagues"]
    shares = {who: leak(train, test, 50) for who, (train, test) in pairs.items()}
    assert shares.pop("Cleo") > 0.4
    assert set(shares.values()) == {0.0}
    for who, (train, test) in pairs.items():
        kept = list(dict.fromkeys(train.split("\n")))
        own = price("\n".join(kept[:50]), "\n".join(kept[50:]))
        assert (price(train, test) > own + 1) == (who == "Dan"), who


def test_repetition_in_a_training_text_is_no_leak(solved):
    train, test = solved["colleagues"]["Ada"]
    paragraphs = train.split("\n")
    assert len(set(paragraphs)) < 0.8 * len(paragraphs)
    assert solved["leak_share"](train, test, 40) == 0
