"""What decides that a text runs again: its code and what that code can reach, nothing else."""

from __future__ import annotations

import pytest

from course_utils.authoring.key import closure, execution_key
from course_utils.authoring.text import parse

HEAD = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n"


@pytest.fixture
def package(tmp_path):
    files = {
        "__init__.py": "",
        "nn/__init__.py": "from course_utils.nn.rnn import step\n",
        "nn/rnn.py": "import numpy\n",
        "nn/lstm.py": "from . import rnn\n",
        "data/__init__.py": "",
        "data/text.py": "def load():\n    from ..nn import lstm\n",
        "data/words.txt": "a b c\n",
        "data/corpora/more.txt": "d e f\n",
        "data/other/__init__.py": "",
        "data/other/far.txt": "g\n",
    }
    for name, content in files.items():
        path = tmp_path / "course_utils" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def names(files, package):
    return {path.relative_to(package / "course_utils").as_posix() for path in files}


def test_the_closure_follows_imports_even_inside_functions(package):
    assert names(closure({"course_utils.nn"}, package), package) == {
        "__init__.py",
        "nn/__init__.py",
        "nn/rnn.py",
    }
    assert names(closure({"course_utils.data.text"}, package), package) == {
        "__init__.py",
        "data/__init__.py",
        "data/words.txt",
        "data/corpora/more.txt",
        "data/text.py",
        "nn/__init__.py",
        "nn/rnn.py",
        "nn/lstm.py",
    }


def test_other_packages_are_not_followed(package):
    assert closure({"numpy", "os.path"}, package) == set()


@pytest.mark.parametrize(
    ("file", "runs_again"),
    [
        ("nn/rnn.py", True),
        ("nn/lstm.py", True),
        ("data/words.txt", True),
        ("data/other/far.txt", False),
        ("data/other/__init__.py", False),
    ],
)
def test_the_key_changes_with_what_the_code_reaches(package, file, runs_again):
    text = parse(
        HEAD + "```{code-cell}\n%matplotlib inline\nfrom course_utils.data import text\n```\n",
        "a.md",
    )
    before = execution_key(text, package)
    path = package / "course_utils" / file
    path.write_text(path.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")
    assert (execution_key(text, package) != before) is runs_again


def test_the_key_changes_with_code_and_tags_but_not_with_prose(package):
    def key(source):
        return execution_key(parse(HEAD + source, "a.md"), package)

    base = key("prose\n\n```{code-cell}\nx = 1\n```\n")
    assert key("other prose\n\n\n```{code-cell}\nx = 1\n```\n\nmore\n") == base
    assert key("prose\n\n```{code-cell}\nx = 2\n```\n") != base
    assert key("prose\n\n```{code-cell}\n:tags: [raises-exception]\n\nx = 1\n```\n") != base
