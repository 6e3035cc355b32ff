"""Running a text: failures with their line, limits, and outputs that do not differ between runs."""

from __future__ import annotations

import sys

import pytest
from nbformat import from_dict
from tiny_course import SET, cells, rewrite

from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.execute import complain_about_outputs, execute, kept
from course_utils.authoring.expand import expand
from course_utils.authoring.parts import Part, plain_parts
from course_utils.authoring.text import Cell, parse

HEAD = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n"
PART = Part(Cell("code", "f(x)", 12), "code-1", "given")


def code(*sources: str) -> str:
    return HEAD + "".join(f"```{{code-cell}} ipython3\n{source}\n```\n\n" for source in sources)


def test_a_failing_cell_is_told_with_its_line_and_traceback():
    source = code("def f(x):\n    return 1 / x", "y = 2\n\nf(y - 2)")
    with pytest.raises(AuthoringError) as caught:
        execute(plain_parts(parse(source, "book/chapters/a.md")), "book/chapters/a.md")
    assert str(caught.value) == "book/chapters/a.md:12: ZeroDivisionError: division by zero"
    assert "return 1 / x" in caught.value.detail
    assert "\x1b" not in caught.value.detail


def test_a_notebook_that_never_ends_is_stopped_in_the_cell_that_hangs():
    source = code("x = 1", "import time\nwhile True:\n    time.sleep(0.1)")
    with pytest.raises(AuthoringError, match=r"^a\.md:9: .*did not end within 5 s"):
        execute(plain_parts(parse(source, "a.md")), "a.md", timeout=5)


def test_a_kernel_that_dies_is_told():
    with pytest.raises(AuthoringError, match=r"^a\.md:5: the kernel died"):
        execute(plain_parts(parse(code("import os; os._exit(3)"), "a.md")), "a.md")


def test_what_one_check_leaves_behind_does_not_help_the_next(course):
    path = course / SET
    rewrite(path, "points:60", "points:30")
    second = path.read_text(encoding="utf-8")
    begin, end = second.index("## Task 1"), second.index('+++ {"tags": ["task:why"')
    again = second[begin:end].replace("double", "triple").replace("triple_reference", "helper")
    source = second[:end] + again.replace("return 2 * x", "return 2 * x  # as well") + second[end:]
    source = source.replace(
        "    return 2 * np.asarray(x)",
        "    return 2 * np.asarray(x)\n\n\ndef helper(x):\n    return _leaked * np.asarray(x)",
    )
    source = source.replace("### BEGIN HIDDEN TESTS", "_leaked = 2\n### BEGIN HIDDEN TESTS", 1)
    problem_set = expand(parse(source, SET))
    line = source.split("\n").index(
        'checks.array(checks.call(triple, _x), helper(_x), name="triple(x)")'
    )
    with pytest.raises(AuthoringError, match="what the grader lets it see: NameError") as caught:
        execute(problem_set.parts, SET, problem_set=problem_set)
    assert caught.value.line == line + 1
    assert caught.value.detail.startswith("File <cell>:6")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ({"output_type": "stream", "name": "stderr", "text": "a\nb\n"}, "stderr.*failure: b$"),
        ({"output_type": "execute_result", "data": {"text/plain": "2.5"}}, "ends with a number"),
    ],
)
def test_a_check_cell_may_show_nothing_that_nbgrader_reads_as_points(output, words):
    cell = from_dict({"outputs": [{"metadata": {}, **output}]})
    with pytest.raises(AuthoringError, match=words) as caught:
        complain_about_outputs(cell, PART, "a.md")
    assert caught.value.line == 12


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "stream", "name": "stdout", "text": "2.5"},
        {"output_type": "execute_result", "data": {"text/plain": "array([2.5])"}},
    ],
)
def test_a_check_cell_may_show_other_things(output):
    cell = from_dict({"outputs": [{"metadata": {}, **output}]})
    assert complain_about_outputs(cell, PART, "a.md") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<object at 0x7f3a9c1d2e80>", "memory address"),
        (f"{sys.prefix}/lib/python3/site.py:1: UserWarning", "path of this machine"),
    ],
)
def test_outputs_that_differ_between_machines_are_refused(text, words):
    stream = from_dict({"output_type": "stream", "name": "stdout", "text": text})
    shown = from_dict({"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}})
    for output in (stream, shown):
        with pytest.raises(AuthoringError, match=words):
            kept(output, PART, "a.md")


def test_what_differs_on_every_run_is_not_stored():
    widget = "application/vnd.jupyter.widget-view+json"
    shown = from_dict(
        {
            "output_type": "display_data",
            "data": {"text/html": "<p>still</p>", widget: {"model_id": "5f"}},
            "metadata": {},
        }
    )
    error = from_dict(
        {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["File /home/a.py"]}
    )
    assert kept(shown, PART, "a.md")["data"] == {"text/html": "<p>still</p>"}
    assert kept(error, PART, "a.md")["traceback"] == ["E: e"]


def test_outputs_and_tags_reach_the_notebook(made):
    by_source = {
        "".join(cell["source"]).split("\n")[-1]: cell
        for cell in cells(made / "notebooks" / "01_awkward.ipynb")
        if cell["cell_type"] == "code"
    }
    first = by_source['print("a digit:", 7)']
    assert first["metadata"]["jupyter"] == {"source_hidden": True}
    assert first["execution_count"] == 1
    assert first["outputs"][-1]["text"] == ["a digit: 7\n"]
    raised = by_source['raise ValueError("as it should")']
    assert raised["outputs"][0]["ename"] == "ValueError"
