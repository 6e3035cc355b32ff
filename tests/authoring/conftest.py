"""A tiny course to try authoring on: one awkward chapter, one problem set, made once."""

from __future__ import annotations

import shutil

import pytest
from tiny_course import COURSE

from course_utils.authoring.book import Book
from course_utils.authoring.make import make


@pytest.fixture(scope="session")
def _made(tmp_path_factory):
    root = tmp_path_factory.mktemp("made") / "course"
    shutil.copytree(COURSE, root)
    assert make(root) == 0  # compared in the lanes, as authors do
    return root


@pytest.fixture(autouse=True)
def lanes(request, monkeypatch):
    """No lane unless a test asks for them with ``@pytest.mark.parametrize("lanes", …)``."""
    chosen = getattr(request, "param", ())
    monkeypatch.setattr("course_utils.authoring.make.EVERY_TIME", chosen)
    return chosen


@pytest.fixture
def made(_made, tmp_path):
    """A course of one's own, made: its files may be changed."""
    root = tmp_path / "made"
    shutil.copytree(_made, root)
    return root


@pytest.fixture
def course(tmp_path):
    """A course of one's own, not made yet."""
    root = tmp_path / "course"
    shutil.copytree(COURSE, root)
    return root


@pytest.fixture(scope="session")
def book():
    """What the texts of the tiny course may refer to."""
    return Book(COURSE)
