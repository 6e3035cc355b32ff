"""Chapter 00's sequences are what they are said to be."""

import numpy as np
import pytest

from course_utils.data.series import ode_to_joy, sunspots, viewing_histories


def test_sunspots_are_the_published_series() -> None:
    years, numbers = sunspots()
    assert (years == np.arange(1700, 2009)).all()
    assert numbers.sum() == pytest.approx(15373.4)
    assert dict(zip(years, numbers, strict=True))[1957] == 190.2
    assert numbers.max() == 190.2


def test_ode_to_joy_is_no_palindrome() -> None:
    song = ode_to_joy()
    assert len(song) == 15
    assert (song != song[::-1]).any()


def test_loyal_viewers_go_on_and_others_jump() -> None:
    rng = np.random.default_rng(1)
    for history in viewing_histories(rng, 20, titles=3, loyalty=1.0):
        assert (history[1:] == (history[:-1] + 1) % 3).all()
    mixed = viewing_histories(rng, 500, loyalty=0.85)
    assert {len(history) for history in mixed} == set(range(7, 26))
    follows = np.concatenate([h[1:] == (h[:-1] + 1) % 4 for h in mixed])
    assert follows.mean() == pytest.approx(0.85 + 0.15 / 4, abs=0.02)


@pytest.mark.parametrize(("titles", "loyalty"), [(1, 0.5), (4, -0.1), (4, 1.1)])
def test_impossible_viewers_are_refused(titles: int, loyalty: float) -> None:
    with pytest.raises(ValueError, match="viewing_histories"):
        viewing_histories(np.random.default_rng(0), 1, titles=titles, loyalty=loyalty)
