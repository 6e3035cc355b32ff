"""Answers that a person marks are found as code is: by id, by place, by heading, by being new."""

import mini_set
import pytest

from course_utils.problem_sets import plan
from course_utils.problem_sets.release import find
from course_utils.problem_sets.submitted import parse

STUB = "YOUR ANSWER HERE"
WORDS = "A state *remembers*, because …"


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    root = tmp_path_factory.mktemp("marked")
    return find("mini", (mini_set.write_release(root, stubs={"explain": STUB}),)).release


def text(source, name="mine", kind="markdown"):
    return {"cell_type": kind, "id": name, "metadata": {}, "source": source}


def planned(release, cells):
    return plan.make(parse(mini_set.notebook(cells)), release)


def answer(release, cells):
    """The text that a person sees, and whether anything was written."""
    made = planned(release, cells)
    found = made.answers.get("explain")
    return found.source if found else None, "explain" not in made.untouched


def place(cells, name):
    return next(i for i, cell in enumerate(cells) if cell["id"] == name)


def inserted(after, *new, explain=STUB):
    cells = mini_set.student_cells(explain=explain)
    where = place(cells, after) + 1
    return [*cells[:where], *new, *cells[where:]]


def without(cells):
    return [cell for cell in cells if cell["id"] != "explain"]


def test_the_cell_itself(release):
    assert answer(release, mini_set.student_cells(explain=WORDS)) == (WORDS, True)
    assert answer(release, mini_set.student_cells(explain=STUB)) == (STUB, False)
    assert answer(release, mini_set.student_cells(explain=f"{STUB}  \r\n")) == (
        f"{STUB}  \n",
        False,
    )


@pytest.mark.parametrize("kind", ["markdown", "raw", "code"])
def test_a_cell_of_ones_own_below_the_stub(release, kind):
    assert answer(release, inserted("explain", text(WORDS, kind=kind))) == (WORDS, True)


def test_a_cell_of_ones_own_above_the_stub(release):
    assert answer(release, inserted("table_checks", text(WORDS))) == (WORDS, True)


def test_what_was_added_below_a_written_answer_belongs_to_it(release):
    cells = inserted("explain", text("And more."), explain=WORDS)
    assert answer(release, cells) == (f"{WORDS}\n\nAnd more.", True)


def test_a_copy_with_the_same_id(release):
    cells = mini_set.student_cells(explain=STUB)
    cells.append({**cells[-1], "source": WORDS})
    assert answer(release, cells) == (WORDS, True)


def test_new_text_in_the_place_of_the_deleted_cell(release):
    cells = without(mini_set.student_cells())
    assert answer(release, [*cells, text(WORDS)]) == (WORDS, True)


def test_under_its_heading_wherever_that_is(release):
    cells = without(mini_set.student_cells())
    moved = [cells[0], text(f"### Explain\n\n{WORDS}"), *cells[1:]]
    assert answer(release, moved) == (f"### Explain\n\n{WORDS}", True)
    apart = [cells[0], text("## explain #"), text(WORDS, "below"), *cells[1:]]
    assert WORDS in answer(release, apart)[0]


def test_ids_and_metadata_lost(release):
    cells = mini_set.student_cells(explain=WORDS)
    for number, cell in enumerate(cells):
        cell["id"], cell["metadata"] = f"new-{number}", {}
    assert answer(release, cells) == (WORDS, True)


def test_text_beside_another_task_is_no_answer(release):
    cells = inserted("double_checks", text("A note on doubling."))
    assert answer(release, cells) == (STUB, False)


def test_a_lost_answer_is_no_note_for_the_student(release):
    made = planned(release, without(mini_set.student_cells()))
    assert "explain" not in made.answers
    assert "explain" in made.untouched
    assert made.notes == {}


def test_pictures_of_all_parts_are_kept(release):
    image = {"attachments": {"a.png": {"image/png": "AAAA"}}}
    cells = inserted("explain", {**text("![a](attachment:a.png)"), **image}, explain=WORDS)
    cells[place(cells, "explain")]["attachments"] = {"b.png": {"image/png": "BBBB"}}
    found = planned(release, cells).answers["explain"]
    assert [data for _, data in found.images] == ["BBBB", "AAAA"]


def test_prose_of_another_release_is_no_answer(release):
    old = text("## 11 · Counting\n\nThis task was called so before.", "text-0123456789")
    cells = inserted("explain", text(WORDS), old, text("A later note.", "later"))
    assert answer(release, cells) == (WORDS, True)
