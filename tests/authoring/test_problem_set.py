"""The rules of a problem set: each broken one is a sentence that points at its line."""

from __future__ import annotations

import pytest
from tiny_course import COURSE, SET

from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.expand import expand
from course_utils.authoring.parts import plain_parts
from course_utils.authoring.text import parse

SOURCE = (COURSE / SET).read_text(encoding="utf-8")
HEAD = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n"
SOLUTION = ':tags: [solution, "task:double"]'
CHECKS = ':tags: [checks, "task:double", "points:60"]'
MANUAL = '+++ {"tags": ["manual", "task:why", "points:40"]}'
VISIBLE = 'checks.array(checks.call(double, np.ones(3)), np.full(3, 2.0), name="double(x)")'


def changed(old: str, new: str) -> str:
    assert SOURCE.count(old) == 1, old
    return SOURCE.replace(old, new)


def test_a_sound_set_is_expanded():
    problem_set = expand(parse(SOURCE, SET))
    double, why = problem_set.tasks
    assert problem_set.title == "Problem set 1: a tiny set"
    assert (double.title, double.kind, double.points, double.minutes) == (
        "Task 1 — Doubling",
        "auto",
        60,
        2,
    )
    assert double.defines == ("double",)
    assert double.solution_cells == ("double",)
    assert double.check_cell == "double_checks"
    assert double.hints == ("works for random numbers", "works for a single number")
    assert set(double.declared) == {"np", "checks", "double_reference", "double"}
    assert (why.title, why.kind, why.points, why.minutes) == ("Task 2 — Why?", "manual", 40, 3)
    assert [part.role for part in problem_set.parts] == [
        "prose",
        "given",
        "prose",
        "solution",
        "checks",
        "prose",
        "manual",
        "prose",
    ]


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        (
            SOLUTION,
            ':tags: [solutions, "task:double"]',
            "def double(x):",
            "did you mean 'solution'",
        ),
        (SOLUTION, ":tags: [solution]", "def double(x):", "needs its task"),
        (SOLUTION, ':tags: [solution, "task:Double"]', "def double(x):", "small letters"),
        (SOLUTION, ':tags: [solution, checks, "task:double"]', "def double(x):", "either"),
        (SOLUTION, SOLUTION.replace("]", ', "points:5"]'), "def double(x):", "points belong"),
        (CHECKS, ':tags: [checks, "task:double"]', VISIBLE, "needs points:N"),
        (CHECKS, CHECKS.replace("60", "0"), VISIBLE, "whole number"),
        (CHECKS, CHECKS.replace("60", "59"), None, "add up to 99, not 100: double 59, why 40"),
        (CHECKS, CHECKS.replace("double", "treble"), "def double(x):", "needs one check cell"),
        (MANUAL, MANUAL.replace("manual", "solution"), "Because", "points belong"),
        (MANUAL, MANUAL.replace("why", "double"), "Because", "already there on line"),
        ("    ### END SOLUTION\n", "", "    return 2 * x", "'### END SOLUTION' is missing"),
        ("    ### BEGIN SOLUTION\n", "", "    ### END", "must alternate"),
        (
            "    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
            "    return 2 * x",
            "def double(x):",
            "needs '### BEGIN SOLUTION'",
        ),
        ("### END HIDDEN TESTS\n", "", "### BEGIN HIDDEN", "one '### BEGIN HIDDEN TESTS'"),
        (
            "### END HIDDEN TESTS\n",
            "### END HIDDEN TESTS\nchecks.number(1, 1, name='x')\n",
            "checks.number(1",
            "nothing may follow",
        ),
        ("# hint: works for random numbers\n", "", "_rng = ", "begins with '# hint: …'"),
        (VISIBLE, "_x = 1", "_x = 1", "the visible part of the check cell of 'double' checks noth"),
        (VISIBLE, f"{VISIBLE}\nratio = 2", "ratio = 2", "call it '_ratio'"),
        (VISIBLE, f"{VISIBLE}\nimport io as _io, math", "import io", "(an import: 'as _math')"),
        (VISIBLE, f"{VISIBLE}\n\n\ndef same(x):\n    return x", "def same", "binds 'same'"),
        (
            VISIBLE,
            f"_rng = checks.rng('ps01_tiny', 'double')\n{VISIBLE}",
            "_rng = checks.rng('",
            "draws with checks.visible_rng",
        ),
        (VISIBLE, f"{VISIBLE}\nprint(leaked)", "print(leaked)", "uses 'leaked'"),
        (VISIBLE, f"{VISIBLE}\n\n\nassert True", "assert True", "not with assert"),
        (VISIBLE, f"{VISIBLE}\nnp.allclose(1, 1)", "np.allclose", "not with np.allclose"),
        (VISIBLE, f"%time {VISIBLE}", "%time", "magics"),
        (VISIBLE, f"x = (\n{VISIBLE}", "x = (", "not Python"),
        (VISIBLE, f"from math import *\n{VISIBLE}", "from math", "import names one by one"),
        ("import numpy as np", "import numpy as np\n!ls", "!ls", "magics"),
        (
            "    return 2 * np.asarray(x)",
            "    ### BEGIN SOLUTION\n    return 2 * np.asarray(x)",
            "    ### BEGIN SOLUTION\n    return 2 * np",
            "belongs in a solution",
        ),
        ("It takes about 2 minutes.", "It is quick.", "def double(x):", "how long it takes"),
        ("    return 2 * x\n", "    return 2 *\n", "    return 2 *\n", "not Python"),
    ],
)
def test_a_broken_rule_points_at_its_line(old, new, at, words):
    source = changed(old, new)
    line = source[: source.index(at)].count("\n") + 1 if at else 1
    with pytest.raises(AuthoringError) as caught:
        expand(parse(source, SET))
    assert str(caught.value).startswith(f"{SET}:{line}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_task_without_a_solution_is_told():
    source = SOURCE.replace(SOLUTION, ":tags: [hide-input]")
    for marker in ("    ### BEGIN SOLUTION\n", "    ### END SOLUTION\n"):
        source = source.replace(marker, "")
    with pytest.raises(AuthoringError, match="'double' has no solution cell"):
        expand(parse(source, SET))


def test_a_task_without_a_heading_is_told():
    source = SOURCE.replace("## Task 1 — Doubling", "").replace("# Problem set 1: a tiny set", "")
    with pytest.raises(AuthoringError, match="no heading above"):
        expand(parse(source, SET))


def test_a_check_cell_above_its_solution_is_told():
    begin, middle = SOURCE.index("```{code-cell} ipython3\n" + SOLUTION), SOURCE.index(CHECKS)
    middle = SOURCE.rindex("```{code-cell}", 0, middle)
    end = SOURCE.index('+++ {"tags": ["task:why"')
    turned = SOURCE[:begin] + SOURCE[middle:end] + SOURCE[begin:middle] + SOURCE[end:]
    with pytest.raises(AuthoringError, match="stands above its solution"):
        expand(parse(turned, SET))


def test_a_hidden_part_that_is_missing_is_told():
    begin, end = SOURCE.index("### BEGIN HIDDEN"), SOURCE.index("### END HIDDEN TESTS\n")
    with pytest.raises(AuthoringError, match="has no hidden part"):
        expand(parse(SOURCE[:begin] + SOURCE[end + len("### END HIDDEN TESTS\n") :], SET))


def test_a_name_computed_from_an_answer_may_not_be_used_by_a_check():
    demonstration = "```{code-cell} ipython3\nshown = double(np.ones(2))\n```\n\n"
    source = changed(
        "```{code-cell} ipython3\n" + CHECKS, demonstration + "```{code-cell} ipython3\n" + CHECKS
    ).replace(VISIBLE, f"{VISIBLE}\nprint(shown)")
    with pytest.raises(AuthoringError, match="uses 'shown'"):
        expand(parse(source, SET))


def test_a_second_solution_cell_is_numbered_and_private_names_are_no_answers():
    second = (
        f"```{{code-cell}} ipython3\n{SOLUTION}\n\nimport math\n\nscale = 2\n"
        "### BEGIN SOLUTION\n_helper = 1\n### END SOLUTION\n```\n\n"
    )
    source = changed("```{code-cell} ipython3\n" + CHECKS, second + "```{code-cell}\n" + CHECKS)
    (task, _) = expand(parse(source, SET)).tasks
    assert task.solution_cells == ("double", "double_2")
    assert task.defines == ("double", "scale")


def test_identifiers_follow_the_source_and_stay_distinct():
    cell = "```{code-cell} ipython3\nx = 1\n```\n\n"
    first, second, other = plain_parts(
        parse(HEAD + cell + cell + cell.replace("1", "2"), "book/chapters/a.md")
    )
    assert second.id == f"{first.id}-2"
    assert other.id != first.id
    assert plain_parts(parse(HEAD + "text\n\n" + cell, "a.md"))[1].id == first.id


@pytest.mark.parametrize(
    ("tags", "code", "words"),
    [
        ("[nbval-ignore-output]", "x = 1", "unknown or repeated tag"),
        ("[nbval-skip]", "x = 1", "unknown or repeated tag"),
        ("[hide_input]", "x = 1", "did you mean 'hide-input'"),
        ("[solution]", "x = 1", "unknown or repeated tag 'solution'"),
    ],
)
def test_tags_of_a_chapter_are_checked(tags, code, words):
    source = f"{HEAD}```{{code-cell}} ipython3\n:tags: {tags}\n\n{code}\n```\n"
    with pytest.raises(AuthoringError, match=words) as caught:
        plain_parts(parse(source, "book/chapters/a.md"))
    assert str(caught.value).startswith("book/chapters/a.md:7: ")
