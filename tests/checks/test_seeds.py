"""Inputs drawn from a class key: the same for a class, different for every set, task and key."""

import hashlib
import hmac

import numpy as np
import pytest

from course_utils import checks
from course_utils.checks import seeds

KEY = b"sixteen bytes or more"


@pytest.fixture(autouse=True)
def public_key_afterwards():
    yield
    checks.set_class_key(None)


def draw(set_id="ps02", task_id="rnn_step"):
    return checks.rng(set_id, task_id).integers(2**63, size=4).tolist()


def test_the_same_key_set_and_task_give_the_same_numbers():
    assert draw() == draw()
    checks.set_class_key(KEY)
    assert draw() == draw()


def test_key_set_and_task_all_matter():
    public = draw()
    others = [draw("ps03"), draw(task_id="rnn_forward"), draw("ps02r", "nn_step")]
    checks.set_class_key(KEY)
    others.append(draw())
    checks.set_class_key(KEY + b"!")
    others.append(draw())
    assert all(other != public for other in others)
    assert len({tuple(other) for other in others}) == len(others)


def test_none_goes_back_to_the_public_key():
    public = draw()
    checks.set_class_key(KEY)
    checks.set_class_key(None)
    assert draw() == public


def test_the_seed_is_hmac_sha256():
    checks.set_class_key(KEY)
    digest = hmac.new(KEY, b"ps02\0rnn_step", hashlib.sha256).digest()
    words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 32, 4)]
    assert np.random.default_rng(words).integers(2**63, size=4).tolist() == draw()
    assert len(seeds.PUBLIC_KEY) >= 16


def test_a_key_that_is_none():
    with pytest.raises(TypeError, match="a class key is bytes, not str"):
        checks.set_class_key("a text of sixteen characters")
    with pytest.raises(ValueError, match="at least 16 bytes, not 5"):
        checks.set_class_key(b"short")


def test_the_visible_part_draws_the_same_numbers_under_every_key():
    def shown():
        return checks.visible_rng("ps02", "rnn_step").integers(2**63, size=4).tolist()

    public = shown()
    checks.set_class_key(KEY)
    assert shown() == public
    assert public not in (draw(), checks.rng("ps02", "rnn_step\0").integers(2**63, size=4).tolist())
    checks.set_class_key(None)
    assert public != draw()
