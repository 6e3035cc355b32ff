"""What a net learns at one place and knows at another: with other seeds than the chapter's."""

import numpy as np
import pytest

from course_utils.experiments import motif

SEEN = [0, 1, 2]


def test_every_sequence_holds_one_pair_at_its_place():
    x, targets = motif.sequences([1, 4])
    assert x.shape == (motif.T, 2 * 2 * 2 ** (motif.T - 2), motif.V)
    words = ["".join("abcd"[k] for k in row) for row in x.argmax(axis=-1).T]
    assert len(set(words)) == len(words)
    for word, target in zip(words, targets, strict=True):
        assert word.find("ab" if target else "ba") in (1, 4)
        assert set(word.replace("a", "", 1).replace("b", "", 1)) <= {"c", "d"}


@pytest.mark.parametrize("place", [-1, motif.T - 2])
def test_a_place_outside_is_named(place):
    with pytest.raises(ValueError, match=rf"places are \[{place}\]; wanted numbers from 0 to 5"):
        motif.sequences([place])


@pytest.mark.parametrize("seed", [10, 11])
def test_shared_weights_know_every_place_and_blocks_only_the_trained_ones(seed):
    shared = motif.train_detector(SEEN, 2, pool=True, seed=seed).accuracy()
    blocks = motif.train_detector(SEEN, motif.T, pool=False, seed=seed).accuracy()
    assert np.all(shared == 1)
    assert np.all(blocks[:3] == 1)
    assert blocks[3] < 0.1


def test_a_bag_cannot_tell_the_classes_apart():
    bag = motif.train_detector(SEEN, 1, pool=True, seed=10).accuracy()
    assert np.all(bag == 0.5)
