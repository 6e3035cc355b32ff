"""The feedback page says what became of each task in words that a student can use."""

import re

import pytest

from course_utils.grading.feedback import page
from course_utils.grading.grades import Row, Sheet
from course_utils.grading.verdict import AWAITING, CHECK_FAILED, GRADED, RAISED
from course_utils.problem_sets.release import Release

RELEASE = Release("mini", "Mini", "0", "mini.ipynb", (), (), "", (), ())


def shown(*rows):
    """The text of the page about these rows, without markup."""
    text = page(RELEASE, Sheet("heron", "mini", rows)).partition("<main>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


def row(points, state, message="", answer=""):
    return Row("one", "A task", points, 4.0, state, message, answer=answer)


def test_the_points_so_far_and_what_still_waits():
    waiting = row(None, AWAITING, answer="<p>A state remembers.</p>")
    assert "4 of 8 so far; 4 points wait for a person." in shown(
        row(4.0, GRADED), row(0.0, GRADED), waiting
    )
    assert "4 of 4 so far; 4 points wait for us." in shown(
        row(4.0, GRADED), row(None, CHECK_FAILED)
    )
    assert "4 of 8 points." in shown(row(4.0, GRADED), row(0.0, GRADED))


def test_what_nobody_wrote_waits_for_nobody():
    text = shown(row(4.0, GRADED), row(None, AWAITING, answer="<p>YOUR ANSWER HERE</p>"))
    assert "heron : 4 of 8 points." in text
    assert "0 / 4 not answered" in text
    assert "wait" not in text


def test_passed_and_not_passed():
    assert "4 / 4 passed" in shown(row(4.0, GRADED))
    text = shown(row(0.0, GRADED, "Hidden check not passed: random bits."))
    assert "0 / 4 not passed Hidden check not passed: random bits." in text


@pytest.mark.parametrize(
    "untouched",
    [
        row(0.0, RAISED, "Your code raised NotImplementedError in line 3 of its cell"),
        row(0.0, RAISED, "Your code raised NotImplementedError"),
        row(None, AWAITING, answer="<p>YOUR ANSWER HERE</p>\n"),
        row(None, AWAITING, answer="<h1>YOUR CODE HERE</h1>\n<p>raise NotImplementedError()</p>"),
    ],
)
def test_an_untouched_task_is_called_not_answered(untouched):
    text = shown(untouched)
    assert "/ 4 not answered" in text
    assert "HERE" not in text
    assert "NotImplementedError" not in text


@pytest.mark.parametrize(
    ("tried", "words"),
    [
        (row(0.0, RAISED, "Your code raised NotImplementedError: only T = 1"), "raised an error"),
        (row(0.0, RAISED, "Your code raised ValueError in line 3 of its cell"), "ValueError"),
        (row(None, AWAITING, answer="<p>A state remembers.</p>"), "A state remembers."),
        (row(None, AWAITING), "marked by a person, later"),
    ],
)
def test_an_attempt_is_not(tried, words):
    text = shown(tried)
    assert words in text
    assert "not answered" not in text
