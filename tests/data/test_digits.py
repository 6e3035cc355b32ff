"""The digits are those that UCI published, and the task made of them is scored at its end."""

import numpy as np
import pytest

from course_utils.data import digits as module
from course_utils.data.digits import digits, split

FIRST = [[0, 0, 5, 13, 9, 1, 0, 0], [0, 0, 13, 15, 10, 15, 5, 0]]


def test_the_pictures_are_the_published_ones():
    pictures, classes = digits()
    assert pictures.shape == (1797, 8, 8)
    assert (pictures[0, :2] * 16 == FIRST).all()
    assert pictures.max() == 1
    assert (pictures * 16).sum() == 561718  # the sum of all entries of scikit-learn's copy
    assert np.bincount(classes).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert classes[:10].tolist() == list(range(10))


def test_the_split_leaves_nothing_out_and_repeats_nothing():
    train, test = split(np.random.default_rng(0), test=300)
    assert train.x.shape == (64, 1497, 1)
    assert test.x.shape == (64, 300, 1)
    pictures, _ = digits()
    both = np.concatenate([train.x, test.x], axis=1)[:, :, 0]
    assert np.array_equal(np.sort(both.sum(axis=0)), np.sort(pictures.sum(axis=(1, 2))))


def test_a_sequence_is_a_picture_read_row_by_row():
    train, _ = split(np.random.default_rng(3))
    pictures, classes = digits()
    at = np.flatnonzero((pictures == train.x[:, 0, 0].reshape(8, 8)).all(axis=(1, 2)))
    assert classes[at] == train.targets[-1, 0]
    assert train.mask.sum() == train.mask[-1].sum() == train.x.shape[1]
    assert train.chance == pytest.approx(np.log(10), abs=0.01)


def test_a_changed_file_is_refused(monkeypatch):
    monkeypatch.setattr(module, "SHA256", "0" * 64)
    with pytest.raises(ValueError, match=r"digits\.txt was changed"):
        digits()


@pytest.mark.parametrize("test", [0, 1797, 5000])
def test_a_split_without_one_of_its_parts_is_refused(test):
    with pytest.raises(ValueError, match="test must"):
        split(np.random.default_rng(0), test=test)
