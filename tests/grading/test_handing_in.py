"""What a class hands in: found under other names, or named as what needs a look; never a zero."""

import codecs
import io
import zipfile

import mini_set
import pytest
from grading_cases import run, table

from course_utils.grading.orchestrator import archives
from course_utils.grading.report import report

GOOD = mini_set.submission()
WRONG = mini_set.submission(double="def double(x):\n    return x")


def archive(**files):
    """A zip archive with these files; ``__`` stands for a slash."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name.replace("__", "/") + ".ipynb", data)
    return file.getvalue()


def untouched():
    """The notebook as it was handed out."""
    return mini_set.submission(**mini_set.STUBS)


FOUND = {
    "as it should be": {"mini/mini.ipynb": GOOD},
    "a number in brackets": {"mini/mini (1).ipynb": GOOD},
    "a copy": {"mini/mini-Copy1.ipynb": GOOD},
    "a name in it": {"mini/mini_ada.ipynb": GOOD},
    "capitals": {"mini/Mini.IPYNB": GOOD},
    "a folder in capitals": {"Mini/mini.ipynb": GOOD},
    "txt": {"mini/mini.ipynb.txt": GOOD},
    "json": {"mini/mini.json": GOOD},
    "one folder too deep": {"mini/mini/mini.ipynb": GOOD},
    "no folder of the set": {"mini.ipynb": GOOD},
    "a zip": {"mini/mini.zip": archive(mini=GOOD)},
    "a zip with folders": {"work.zip": archive(work__x=GOOD, __MACOSX__x=b"0")},
    "beside the untouched one": {"mini/mini.ipynb": untouched(), "mini/mini-Copy1.ipynb": GOOD},
    "twice the same": {"mini/mini.ipynb": GOOD, "mini.zip": archive(mini=GOOD)},
    "beside other files": {"mini/mini.ipynb": GOOD, "mini/x.py": b"", "mini/x.ipynb": b"{"},
    "UTF-16": {"mini/mini.ipynb": GOOD.decode().encode("utf-16")},
    "a byte order mark": {"mini/mini.ipynb": codecs.BOM_UTF8 + GOOD},
}

BOMB = archive(mini=b" " * (21 * 2**20))
CONFLICT = b"{<<<<<<< HEAD\n" + GOOD[1:]
LOOK = {
    "two versions": ({"mini/mini.ipynb": GOOD, "mini/mini-Copy1.ipynb": WRONG}, "mini-Copy1"),
    "a conflict": ({"mini/mini.ipynb": CONFLICT}, "its JSON cannot be read"),
    "a conflict beside a copy": ({"mini/mini.ipynb": CONFLICT, "mini/b.ipynb": GOOD}, "b.ipynb"),
    "half a file": ({"mini/mini.ipynb": GOOD[:900]}, "its JSON cannot be read"),
    "half a file of another name": ({"mini/m.ipynb": GOOD[:900]}, "m.ipynb: It cannot be read"),
    "an empty file": ({"mini/mini.ipynb": b""}, "The file is empty"),
    "no notebook": ({"mini/essay.pdf": b"%PDF"}, "essay.pdf: It is no notebook."),
    "another notebook": ({"mini/y.ipynb": mini_set.notebook([])}, "not one of this set"),
    "a bomb": ({"mini/mini.zip": BOMB}, "unpacks to more than 20 MB"),
    "a broken zip": ({"mini/mini.zip": BOMB[:99]}, "The archive cannot be read."),
    "deep JSON": ({"mini/m.ipynb": b"[" * 10**5}, "It cannot be read."),
    "many files": ({f"mini/{i}.txt": b"" for i in range(501)}, "More than 500 files"),
}


def lay_out(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory, release_root):
    """The output for a class of all these accidents, and what the terminal said."""
    root = tmp_path_factory.mktemp("accidents")
    for name, files in FOUND.items():
        lay_out(root / "in" / name, files)
    for name, (files, _) in LOOK.items():
        lay_out(root / "in" / name, files)
    lay_out(root / "in", {"doejane_123_456_mini-1.ipynb": GOOD, "roster.csv": b""})
    lay_out(root / "in" / "absent", {"other/other.ipynb": mini_set.notebook([])})
    (root / "in" / "linked" / "mini").mkdir(parents=True)
    (root / "in" / "linked" / "mini" / "mini-Copy1.ipynb").symlink_to(
        root / "in" / "as it should be" / "mini" / "mini.ipynb"
    )
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", said)
        assert run(root / "in", root / "out", release_root) == 1
    return root / "out", said.getvalue()


@pytest.mark.parametrize("name", FOUND)
def test_a_notebook_that_belongs_to_the_set_is_graded(handed_in, name):
    out, said = handed_in
    rows = [row for row in table(out) if row["student"] == name]
    assert {row["state"] for row in rows} == {"graded", "awaiting marking"}
    assert all(row["points"] == row["max_points"] for row in rows if row["state"] == "graded")
    wrongly = f"{name}: Found as " in said
    assert wrongly == ("mini/mini.ipynb" not in FOUND[name] or name == "beside the untouched one")
    assert wrongly == ("Found as " in (out / "feedback" / name / "mini.html").read_text())


@pytest.mark.parametrize("name", LOOK)
def test_what_cannot_be_used_needs_a_look(handed_in, name):
    out, said = handed_in
    rows = [row for row in table(out) if row["student"] == name]
    assert {(row["points"], row["state"]) for row in rows} == {("", "needs a look")}
    (line,) = [one for one in said.splitlines() if f"needs a look: {name}: " in one]
    assert LOOK[name][1] in line
    page = (out / "feedback" / name / "mini.html").read_text()
    assert "a person will look at what you handed in" in page
    assert "wait for us" in page


def test_a_link_is_followed_under_no_name(handed_in):
    out, said = handed_in
    assert "needs a look: linked: There is no file mini.ipynb. mini/mini-Copy1.ipynb: " in said
    assert {row["state"] for row in table(out) if row["student"] == "linked"} == {"needs a look"}


def test_a_notebook_in_no_students_folder_is_named(handed_in):
    out, said = handed_in
    assert "  not graded: doejane_123_456_mini-1.ipynb: " in said
    assert "doejane_123_456_mini-1.ipynb" not in {row["student"] for row in table(out)}


def test_a_notebook_in_no_students_folder_alone_asks_for_a_look(tmp_path, release_root, capsys):
    lay_out(tmp_path / "in", {"ada/mini/mini.ipynb": GOOD})
    assert run(tmp_path / "in", tmp_path / "out", release_root) == 0
    lay_out(tmp_path / "in", {"doejane_123_456_mini.ipynb": GOOD})
    assert run(tmp_path / "in", tmp_path / "out", release_root) == 1
    assert "put each file into one" in capsys.readouterr().out


def test_points_typed_where_a_look_is_needed_are_kept(tmp_path, release_root):
    lay_out(tmp_path / "in", {"ada/mini/mini.ipynb": CONFLICT, "bob/mini/x.pdf": b""})
    out = tmp_path / "out"
    assert run(tmp_path / "in", out, release_root) == 1
    path = out / "grades.csv"
    path.write_text(path.read_text().replace(",,", ",1,"))
    for _ in range(2):
        assert run(tmp_path / "in", out, release_root) == 0
        assert {(row["points"], row["state"]) for row in table(out)} == {("1", "marked")}
    lay_out(tmp_path / "in", {"ada/mini/mini.ipynb": GOOD})
    assert run(tmp_path / "in", out, release_root) == 0
    states = {(row["student"], row["points"], row["state"]) for row in table(out)}
    assert states == {("ada", "1", "mark again"), ("bob", "1", "marked")}


def test_the_report_names_who_needs_a_look(handed_in):
    out, _ = handed_in
    assert report(out) == 0
    page = (out / "report.html").read_text()
    assert all(f"<tr><td>{name}</td><td>needs a look</td></tr>" in page for name in LOOK)


def test_who_handed_in_another_set_only_is_named(handed_in):
    out, said = handed_in
    assert "not handed in by 1: absent" in said
    assert "absent" not in {row["student"] for row in table(out)}


def test_sizes_that_an_archive_states_are_not_believed():
    raw = bytearray(archive(a=b" " * 3000))
    for place in (raw.index(b"PK\x01\x02") + 24, 22):  # the stated size, in both places
        raw[place : place + 4] = (5).to_bytes(4, "little")
    with pytest.raises(archives.ArchiveError):
        archives.notebooks(bytes(raw), 100)


def test_an_archive_of_too_many_files_is_refused():
    with pytest.raises(archives.ArchiveError, match="more than 500 files"):
        archives.notebooks(archive(**{f"f{i}": b"" for i in range(501)}), 2**20)
