"""What a chapter owes its reader, as far as a test can hold it.

Numbers: one that reports a result is glued from the run, never typed. In running text a decimal, a
percentage, "3 of 5" or "in 59 updates" is taken for a result; a whole number is a size. To type a
definition such as `0.5`, set it as code or mathematics, or in a worked example: an admonition of
class ``worked``, or a section whose heading ends in "steps by hand". After words that report, such
as "reaches" or "loss of", code and mathematics do not help either.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from course_utils.authoring.corrections import LIST, boxes, corrections
from course_utils.authoring.text import Text, parse

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "book/chapters").glob("*.md"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = sorted((ROOT / "book").rglob("*.md"))

MEDIAN_LINES, MOST_LINES, QUESTIONS = 12, 40, 8
PARTS = {
    "objectives": r"^:class: objectives$",
    "prerequisites": r"^\*\*(?:Prerequisites\.|You need)\*\*",
    "time": r"^\*\*Time\.\*\*",
    "misconception box": r"^:{3,}\{misconception\} ",
    "worked example": r"^:class: worked$|^## .*\bby hand$",
    "summary": r"^## Summary$",
    "further reading": r"^## Further reading$",
    "problem set": r"\{doc\}`[^`]*problem_sets/ps\d\d",
}
# What a text in book/chapters/ need not have, and why.
EXEMPT = {
    "00_start_here": {"problem set"},  # nothing to solve yet
    "rosetta": {*PARTS, "self-check questions"},  # a dictionary, not a lesson
    "paper_ledger": {*PARTS, "self-check questions"},  # a table of claims and runs
    "math_refresher": {*PARTS, "self-check questions"},  # to be looked up, each tool checked
}

# --- numbers -----------------------------------------------------------------------------------

FENCE = r"^(`{3,})([^\n]*)\n.*?^\1\s*$"
NOT_PROSE = [
    r"<!--.*?-->",
    r"^(?P<marks>#+) [^\n]*\bsteps?,? by hand\n.*?(?=^(?P=marks) |^#{1,2} |\Z)",  # worked
    r"^(?P<fence>:{3,})\{admonition\}[^\n]*\n:class: worked\n.*?^(?P=fence)\s*$",
    r"\$\$.*?\$\$(?: *\([\w-]+\))?",
    r"^(?:#+ |:{3,}|```|\+\+\+|:[\w-]+:|\([\w-]+\)=).*?$",  # headings, titles, options, labels
    r"\{[\w:.-]+\}`[^`]*`",  # roles, glued values among them
    r"\]\([^)]*\)|<?https?://[^\s>)]+>?",  # where links lead
]
DEFINITION = r"`[^`\n]+`|\$[^$]+\$"
VERSION = r"\b(?:Python|Keras|PyTorch|NumPy|version|CC BY|section) \d+(?:\.\d+)*"
NUMBER = r"\d+(?:[.,]\d+)*(?:e[-+]?\d+)?"
RESULT = (
    rf"(?<![\w.])(?:\d+\.\d+(?:e[-+]?\d+)?|\d+e-?\d+|{NUMBER}\s?%"
    rf"|\d+ (?:out )?of (?:the )?\d+"
    rf"|(?<!\w)(?:in|within|to|needs|than) {NUMBER} (?:updates|epochs|iterations|steps|seconds)\b"
    rf"|{NUMBER} nats\b"
    rf"|{NUMBER} times (?:faster|slower|larger|smaller|more|less|as)\b)"
)
REPORTS = (
    r"\b(?:reach(?:es|ed)?|achiev\w+|(?:stop|end)s? at|(?:stopped|ended) at|(?:drop|fall|rise)s? to"
    r"|(?:fell|rose|dropped) to|scor(?:es|ed)|solves? it in|solved it in|took|converges? in"
    r"|(?:accuracy|loss|error|perplexity) (?:of|is|was))"
    rf"\s+(?:\w+\s+){{0,2}}[`$]?(?:\\approx *)?(-?{NUMBER})"
)


def typed_numbers(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line (from 1) and the text of every number that should be glued."""
    prose = re.sub(FENCE, _blank_code, source, flags=re.MULTILINE | re.DOTALL)
    for pattern in NOT_PROSE:
        prose = _blank(pattern, prose)
    reported = re.finditer(REPORTS, prose)
    found = {m.start(1): m[1] for m in reported if not re.fullmatch(r"-?\d", m[1])}
    for pattern in (DEFINITION, VERSION):
        prose = _blank(pattern, prose)
    found |= {m.start(): m[0] for m in re.finditer(RESULT, prose)}
    for place, number in sorted(found.items()):
        yield source.count("\n", 0, place) + 1, number


def _blank_code(match: re.Match[str]) -> str:
    """Blank a fence of code or mathematics; keep a directive that holds prose."""
    is_prose = match[2].startswith("{") and not re.match(r"\{(?:code|math)", match[2])
    return match[0] if is_prose else re.sub(r"[^\n]", " ", match[0])


def _blank(pattern: str, text: str) -> str:
    """Replace what matches by spaces, so that places stay what they are."""

    def spaces(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    return re.sub(pattern, spaces, text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_results_are_glued_not_typed(path: Path) -> None:
    numbers = typed_numbers(path.read_text(encoding="utf-8"))
    found = [f"{path.relative_to(ROOT)}:{line}: {number}" for line, number in numbers]
    advice = "glue these; set a definition as code or mathematics"
    assert not found, "\n".join([advice, *found])


@pytest.mark.parametrize(
    "typed",
    [
        "The RNN reaches 0.023 nats.",
        "The RNN reaches `0.023` nats, and the net of chapter 01 does not.",
        "It stops at $0.35$.",
        "It is right in 75 % of the cases.",
        "Every seed solves it in 21 to 59 updates.",
        "The loss is about $1.2$.",
        "All three seeds succeed, in 340 updates.",
        "3 of 10 seeds got there.",
        "The fused one is 12 times faster.",
        "| RNN | 0.98 |",
        "- [x] It ends at 1e-3.\n\n  Because it does.",
        "```{code-cell} ipython3\nx = 1\n```\n\nSo it is 0.5.\n\n```\nx\n```",
        ":::{note}\nThat took 340 steps.\n:::",
        "An accuracy of 98 %.",
    ],
)
def test_a_typed_result_is_found(typed: str) -> None:
    assert list(typed_numbers(typed))


@pytest.mark.parametrize(
    "fine",
    [
        "The RNN reaches {glue:text}`loss:.3f` nats in {glue:text}`steps` steps.",
        "Vectors of 26 numbers, a weight of `0.5`, $H = 128$ units, 16 steps, and $x_{12}$.",
        "{cite:t}`elman1990` trained it in 1990; see chapters 04 and 05, and task 12.",
        "A gate lies in $(0, 1)$, a slope below $1/4$, and window 1 stops at $\\ln 2 / 2$.",
        "## 1000 steps\n\n(sec-1000)=\n:::{selfcheck} Why 25?\n:label: sc-25\n:::",
        "$$\na_1 = 0.5 + 0.25 = 0.75\n$$ (eq-12)",
        "::::{admonition} By hand\n:class: worked\nSo $a = 0.5$ and 0.25 is left.\n::::",
        "## Three steps, by hand\n\nSo 0.25 is left.\n\n### Step 2\n\nAnd 0.75.\n\n## Next",
        "```{code-cell} ipython3\nx = 0.5\n```\nText.\n\n```\nloss 0.023\n```",
        "CS231n, float64, [a link](https://example.org/2015/08/12).",
        "After 60 updates we stop. After 3 steps the state is 0 again.",
    ],
)
def test_a_definition_is_let_pass(fine: str) -> None:
    assert not list(typed_numbers(fine))


def test_the_line_of_a_typed_result_is_right() -> None:
    assert list(typed_numbers("# Title\n\n$$\nx\n$$\n\nIt took 340 steps.")) == [(7, "340")]
    by_hand = "## A\n\nIt is 0.5.\n\n## Two steps by hand\n\n0.5\n\n## C\n\nIt is 0.5."
    assert [line for line, _ in typed_numbers(by_hand)] == [3, 11]


# --- pictures ----------------------------------------------------------------------------------


def undescribed(source: str) -> Iterator[str]:
    """Yield every picture of a Markdown source that has no alternative text."""
    yield from re.findall(r"!\[\s*\]\([^)]*\)", source)
    yield from (
        tag for tag in re.findall(r"<img[^>]*>", source) if not re.search(r'alt="[^"]', tag)
    )
    for body in re.findall(
        r"^(?:```|:{3,})\{(?:figure|image)\}(.*?)^(?:```|:{3,})", source, re.M | re.S
    ):
        if not re.search(r"^:alt: *\S", body, re.M):
            yield body.strip().split("\n")[0]


def undescribed_shows(code: str) -> Iterator[int]:
    """Yield the line of every ``show(fig)`` that says nothing in ``alt``."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "show":
            given = [keyword.value for keyword in node.keywords if keyword.arg == "alt"]
            given += node.args[1:2]
            if not given or (
                isinstance(given[0], ast.Constant) and not str(given[0].value).strip()
            ):
                yield node.lineno


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pictures_on_pages_are_described(path: Path) -> None:
    assert not list(undescribed(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_figures_are_described(path: Path) -> None:
    codes = [cell for cell in _read(path).cells if cell.kind == "code"]
    assert not [cell.line + line - 1 for cell in codes for line in undescribed_shows(cell.source)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_figures_carry_their_description(path: Path) -> None:
    assert not list(undescribed_outputs(json.loads(path.read_text(encoding="utf-8"))))


def undescribed_outputs(notebook: dict) -> Iterator[str]:
    """Yield the kind of every stored picture that has no SVG with a description."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    for data in [output.get("data", {}) for output in outputs]:
        described = re.search(r"<desc[^>]*>\s*\S", "".join(data.get("image/svg+xml", "")))
        yield from [kind for kind in data if kind.startswith("image/") and not described]


def test_pictures_without_description_are_found() -> None:
    for source in [
        "![ ](a.svg)",
        '<img src="a.png" alt="">',
        "```{figure} a.svg\n:name: fig\nText\n```",
    ]:
        assert list(undescribed(source))
    for code in ["show(fig)", 'show(fig, alt="")', 'show(fig, alt=" ")']:
        assert list(undescribed_shows(code)) == [1]
    png = {"cells": [{"outputs": [{"data": {"image/png": "iVBO"}}]}]}
    assert list(undescribed_outputs(png)) == ["image/png"]


def test_described_pictures_are_let_pass() -> None:
    assert not list(undescribed("![A map](a.svg)\n```{figure} a.svg\n:alt: A map\nText\n```"))
    assert not list(undescribed_shows('show(fig, alt="A line that falls.")'))
    svg = {
        "cells": [
            {"outputs": [{"data": {"image/svg+xml": "<svg><desc id='d'>A line</desc></svg>"}}]}
        ]
    }
    assert not list(undescribed_outputs(svg))


# --- cells and parts ---------------------------------------------------------------------------


def oversized(lengths: list[int]) -> list[str]:
    """Complain about cell lengths beyond the bounds."""
    found = [f"a cell of {lines} lines" for lines in lengths if lines > MOST_LINES]
    if lengths and median(lengths) > MEDIAN_LINES:
        found.append(f"a median of {median(lengths)} lines")
    return found


def missing_parts(stem: str, source: str, course: dict) -> set[str]:
    """Return the parts that a chapter owes its reader and does not have."""
    found = {name for name, pattern in PARTS.items() if not re.search(pattern, source, re.M)}
    if len(re.findall(r"^:{3,}\{selfcheck\} ", source, re.M)) < QUESTIONS:
        found.add("self-check questions")
    found = found - EXEMPT.get(stem, set())
    return found | ({"seconds", "minutes"} - set(course))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_cells_are_short(path: Path) -> None:
    codes = [cell.source for cell in _read(path).cells if cell.kind == "code"]
    assert not oversized([code.count("\n") + 1 for code in codes])


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_part_is_there(path: Path) -> None:
    text = _read(path)
    assert not missing_parts(path.stem, path.read_text(encoding="utf-8"), text.course)


def test_oversized_cells_and_missing_parts_are_found() -> None:
    assert oversized([13, 13, 41]) == ["a cell of 41 lines", "a median of 13 lines"]
    assert not oversized([12, 12, 40])
    whole = (ROOT / "book/chapters/00_start_here.md").read_text(encoding="utf-8")
    course = {"seconds": 1, "minutes": 1}
    assert not missing_parts("00_start_here", whole, course)
    assert missing_parts("02_recurrence", whole, course) == {"problem set"}
    assert missing_parts("00_start_here", whole, {"seconds": 1}) == {"minutes"}
    for part in [
        "## Summary",
        ":class: objectives",
        "**Time.**",
        ":::{selfcheck}",
        ":class: worked",
    ]:
        assert missing_parts("00_start_here", whole.replace(part, "", 1), course), part


def test_exemptions_are_used() -> None:
    assert set(EXEMPT) <= {path.stem for path in CHAPTERS}


# --- corrections -------------------------------------------------------------------------------


def broken_corrections(root: Path) -> Iterator[str]:
    """Complain about boxes and list entries that point at nothing."""
    known = {item.id for item in corrections(root)}
    labels: set[str] = set()
    for box in boxes(root):
        unknown = set(box.corrects) - known
        yield from (
            f"{box.path}: {box.label} corrects the unknown {name}" for name in sorted(unknown)
        )
        if not box.label or box.label in labels:
            yield f"{box.path}: the label {box.label!r} is missing or used twice"
        labels.add(box.label)
    for item in corrections(root):
        for path, label in item.places:
            if not _has_label(root / path, label):
                yield f"{item.id}: {path} has no label {label}"


def _has_label(path: Path, label: str) -> bool:
    pattern = rf"^(?:\({re.escape(label)}\)=|:(?:label|name): {re.escape(label)})\s*$"
    return path.is_file() and bool(re.search(pattern, path.read_text(encoding="utf-8"), re.M))


def test_corrections_point_at_something() -> None:
    assert not list(broken_corrections(ROOT))


def test_misconception_boxes_have_three_parts() -> None:
    for path in PAGES:
        source = path.read_text(encoding="utf-8")
        for body in re.findall(r"^:{3,}\{misconception\}(.*?)^:{3,}\s*$", source, re.M | re.S):
            parts = re.findall(r"^\*\*(Said|Run it|True)\.\*\*", body, re.M)
            assert parts == ["Said", "Run it", "True"], f"{path.name}: {body.splitlines()[0]}"


def test_every_correction_says_what_and_where() -> None:
    for name, item in tomllib.loads((ROOT / LIST).read_text(encoding="utf-8")).items():
        assert set(item) <= {"said", "true", "chapters", "where"}, name
        assert item["said"].endswith(".")
        assert item["true"].endswith(".")
        assert item["chapters"]
        assert all(re.fullmatch(r"0\d", chapter) for chapter in item["chapters"]), name


def test_broken_corrections_are_found(tmp_path: Path) -> None:
    chapters = tmp_path / "book/chapters"
    chapters.mkdir(parents=True)
    entry = '[000-1]\nsaid = "A."\ntrue = "B."\nchapters = ["01"]\n'
    (tmp_path / LIST).write_text(entry + 'where = ["book/chapters/01_a.md#sec-gone"]\n')
    box = ":::{misconception} A\n:label: mis-a\n:corrects: 000-1, 000-2\n\nText\n:::\n"
    (chapters / "01_a.md").write_text(box + box)
    complaints = "\n".join(broken_corrections(tmp_path))
    for part in ["unknown 000-2", "used twice", "no label sec-gone"]:
        assert part in complaints
    assert ("book/chapters/01_a.md", "mis-a") in corrections(tmp_path)[0].places


# --- what is promised --------------------------------------------------------------------------


def published() -> set[str]:
    """The numbers of the chapters that exist."""
    return {path.stem[:2] for path in CHAPTERS if path.stem[:2].isdigit()}


def test_the_map_shows_what_exists() -> None:
    svg = (ROOT / "book/images/course_map.svg").read_text(encoding="utf-8")
    states = re.findall(r'<g class="(published|planned)" id="chapter-(\d\d)"', svg)
    assert len(states) == 10
    assert {number for state, number in states if state == "published"} == published()
    assert svg.count("stroke-dasharray") == sum(state == "planned" for state, _ in states)


def test_the_index_promises_what_exists() -> None:
    index = (ROOT / "book/index.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?:\{doc\}`)?(\d\d)\b.*\| (published|in preparation) \|$", index, re.M)
    assert len(rows) == 10
    assert {number for number, state in rows if state == "published"} == published()


def test_the_bibliography_is_sorted_and_complete() -> None:
    source = (ROOT / "book/references.bib").read_text(encoding="utf-8")
    entries = re.findall(r"^@\w+\{([\w-]+),(.*?)^\}", source, re.M | re.S)
    keys = [key for key, _ in entries]
    assert keys == sorted(set(keys))
    for key, body in entries:
        fields = set(re.findall(r"^\s*(\w+)\s*=", body, re.M))
        assert {"author", "title", "year"} <= fields, key


def _read(path: Path) -> Text:
    return parse(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
