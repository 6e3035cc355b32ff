# ruff: noqa: E501 - the tables hold whole cells
"""Pictures in the feedback: pixels from the jail, files of our making, and nothing else gets out."""

import base64
import io
import re
import struct
import zlib

import mini_set
import numpy as np
import pytest
from grading_cases import PLOT, PLOTTING, Grader, attached, dump, encoded, hand_in, red, run
from PIL import Image

from course_utils.grading.feedback import page
from course_utils.grading.grades import Row, Sheet
from course_utils.grading.orchestrator.journal import Plate
from course_utils.grading.orchestrator.schedule import Scheduler
from course_utils.grading.pictures import MAX_PNG, png
from course_utils.grading.verdict import AWAITING
from course_utils.grading.wire import pictures
from course_utils.grading.wire.frames import WireError
from course_utils.problem_sets.release import Release, find


@pytest.fixture(scope="module")
def plotter(release_root):
    """A warm worker that has Matplotlib in memory."""
    with Scheduler(find("mini", (release_root,)), PLOTTING) as scheduler:
        yield Grader(scheduler)


def with_cells(*sources, place=2, **changes):
    """A right notebook with cells of the student's own."""
    cells = mini_set.student_cells(**changes)
    cells[place:place] = [mini_set.code_cell(f"own{i}", one) for i, one in enumerate(sources)]
    return mini_set.notebook(cells)


def sizes(judgement):
    return [(one.width, one.height) for one in judgement.pictures]


SHOWN = {
    "an open figure": (PLOT + "plt.plot([1, 2])", 1),
    "shown and closed": (PLOT + "plt.plot([1, 2])\nplt.show()\nassert plt.get_fignums() == []", 1),
    "two figures": (PLOT + "plt.figure(); plt.figure()", 2),
    "displayed": (PLOT + "fig, ax = plt.subplots()\nplt.close(fig)\ndisplay(fig)", 1),
    "the last value": (PLOT + "fig, ax = plt.subplots()\nplt.close(fig)\nfig", 1),
    "displayed and open": (PLOT + "fig, ax = plt.subplots()\ndisplay(fig)", 1),
    "inline": ("%matplotlib inline\n" + PLOT + "plt.plot([1, 2])", 1),
    "another format": (
        "%config InlineBackend.figure_format = 'retina'\n" + PLOT + "plt.plot([1, 2])",
        1,
    ),
    "the course's own": (
        PLOT + "from course_utils.figures import show\n"
        "fig, ax = plt.subplots()\nax.set_title('A line.')\nshow(fig, alt='A line.')",
        1,
    ),
    "an image file": (
        PLOT + "plt.plot([1]); plt.savefig('a.png'); plt.close()\n"
        "from IPython.display import Image\nImage('a.png')",
        1,
    ),
    "an error afterwards": (PLOT + "plt.plot([1, 2])\n1 / 0", 1),
    "saved only": (PLOT + "plt.plot([1]); plt.savefig('a.png'); plt.close()", 0),
    "no picture": ("1 + 1", 0),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_cell_shows_is_a_picture(plotter, name):
    cell, count = SHOWN[name]
    judged = plotter.judge(with_cells(cell))
    assert len(judged.pictures) == count
    assert len(judged.remarks) == (name == "an error afterwards")
    assert all(one.passed for one in judged.verdicts if one.state != AWAITING)
    for one in judged.pictures:
        assert len(one.pixels) == 4 * one.width * one.height
        colours = np.frombuffer(one.pixels, np.uint8).reshape(one.height, one.width, 4)
        assert colours[..., 3].max() > 200
        assert one.caption == "From cell 3 of your notebook"


def test_figures_belong_to_the_cell_that_drew_them(plotter):
    cells = (PLOT + "plt.plot([1])", "assert plt.get_fignums() == []\nplt.plot([2])")
    judged = plotter.judge(with_cells(*cells))
    assert judged.remarks == ()
    assert [one.caption for one in judged.pictures] == [
        f"From cell {place} of your notebook" for place in (3, 4)
    ]


def test_pictures_stand_beside_the_task_above_them(plotter):
    after = len(mini_set.student_cells())
    judged = plotter.judge(with_cells(PLOT + "plt.plot([1])", place=after))
    assert [one.task for one in judged.pictures] == ["explain"]
    first = plotter.judge(with_cells(PLOT + "plt.plot([1])"))
    assert [one.task for one in first.pictures] == [""]
    own = plotter.judge(
        mini_set.submission(double=PLOT + "plt.plot([1])\n" + mini_set.ANSWERS["double"])
    )
    assert [(one.task, one.caption) for one in own.pictures] == [("double", "From the cell double")]


def test_what_hidden_checks_make_student_code_draw_is_not_shown(plotter):
    draws = PLOT + "def double(x):\n    plt.figure(); plt.plot(x)\n    return 2 * x"
    judged = plotter.judge(with_cells("1", place=5, double=draws))
    assert judged.pictures == ()


COSTS_NOTHING = {
    "a figure that takes too long": PLOT
    + "class Slow(plt.Line2D):\n    def draw(self, r):\n        while True: pass\n"
    "plt.gca().add_line(Slow([0], [0]))",
    "a figure that ends Python": PLOT
    + "import os\nclass Bad(plt.Line2D):\n    def draw(self, r): os._exit(1)\n"
    "plt.gca().add_line(Bad([0], [0]))",
    "a figure that raises": PLOT
    + "class Bad(plt.Line2D):\n    def draw(self, r): raise SystemExit\n"
    "plt.gca().add_line(Bad([0], [0]))",
    "a figure of no size": PLOT
    + "plt.figure(figsize=(3, 3)).set_size_inches = None\nf = plt.gcf()\nf.bbox_inches.p1 = (float('nan'), 1)",
    "no image at all": "from IPython.display import display\ndisplay({'image/png': 'bm90IGFuIGltYWdl'}, raw=True)",
    "a drawing": "from IPython.display import display\ndisplay({'image/png': '<svg/>'}, raw=True)",
}


@pytest.mark.parametrize("name", COSTS_NOTHING)
def test_a_picture_never_costs_points(plotter, name):
    judged = plotter.judge(with_cells(PLOT + "plt.plot([1])", COSTS_NOTHING[name]))
    assert all(one.passed and not one.recheck for one in judged.verdicts if one.state != AWAITING)
    assert len(judged.pictures) == 1
    assert "Not every picture can be shown" in " ".join(judged.remarks)


def test_a_figure_beside_the_one_that_fails_is_kept_after_a_restart(plotter):
    judged = plotter.judge(
        with_cells(PLOT + "plt.plot([1])", COSTS_NOTHING["a figure that ends Python"], place=2)
    )
    assert [one.caption for one in judged.pictures] == ["From cell 3 of your notebook"]


def test_no_more_than_the_caps_allow(plotter):
    many = PLOT + "for n in range(40):\n    plt.figure(figsize=(0.3, 0.3))\n    plt.show()"
    judged = plotter.judge(with_cells(many))
    assert len(judged.pictures) == pictures.MAX_COUNT
    huge = PLOT + "plt.figure(figsize=(60, 40), dpi=300); plt.plot([1])"
    ((width, height),) = sizes(plotter.judge(with_cells(huge)))
    assert max(width, height) <= pictures.MAX_SIDE
    large = PLOT + "for n in range(12):\n    plt.figure(figsize=(11, 11)); plt.plot([n])"
    judged = plotter.judge(with_cells(large))
    assert sum(len(one.pixels) for one in judged.pictures) <= pictures.MAX_BYTES
    assert 3 < len(judged.pictures) < 12
    assert "Not every picture" in " ".join(judged.remarks)


JOB = "import runner.jail.job as job\n"
LIES = {
    "a size that is huge": "{'sizes': [[2**31, 2**31]], 'left': 0}, [b'']",
    "too few bytes": "{'sizes': [[10, 10]], 'left': 0}, [b'x' * 399]",
    "too many bytes": "{'sizes': [[10, 10]], 'left': 0}, [b'x' * 401]",
    "no number": "{'sizes': [[float('nan'), 10]], 'left': 0}, [b'x' * 400]",
    "a negative number": "{'sizes': [[-10, -10]], 'left': 0}, [b'x' * 400]",
    "nothing high": "{'sizes': [[10, 0]], 'left': 0}, [b'']",
    "true is no number": "{'sizes': [[True, True]], 'left': 0}, [b'x' * 4]",
    "a picture without bytes": "{'sizes': [[10, 10]], 'left': 0}, []",
    "bytes without a picture": "{'sizes': [], 'left': 0}, [b'x' * 400]",
    "too many": "{'sizes': [[1, 1]] * 99, 'left': 0}, [b'1234'] * 99",
    "too large in all": "{'sizes': [[1, 1]], 'left': 0}, [bytes(60 * 2**20)]",
    "no reply": "7, []",
}


@pytest.mark.parametrize("name", LIES)
def test_lies_about_pictures_end_the_pictures_only(plotter, name):
    lie = (
        f"{JOB}def lie(self, frame, body, blobs):\n"
        "    if frame.kind == 'pictures':\n"
        f"        body, blobs = {LIES[name]}\n"
        "    job.send(self.sock, job.Frame(frame.sequence, 'reply', body, blobs))\n"
        f"job.Job.reply = lie\n{PLOT}plt.plot([1])"
    )
    judged = plotter.judge(with_cells(lie))
    assert judged.pictures == ()
    assert all(one.passed for one in judged.verdicts if one.state != AWAITING)
    assert "Not every picture" in " ".join(judged.remarks)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_attachments_are_shown(plotter, form):
    raw = attached({"plot.png": {f"image/{form.lower()}": encoded(red(300, 200), form)}})
    (one,) = plotter.judge(raw).pictures
    assert (one.task, one.width, one.height) == ("explain", 300, 200)
    assert one.caption == "plot.png, attached to your answer"
    assert abs(int(one.pixels[0]) - 200) < 8


def test_a_photograph_is_made_smaller(plotter):
    raw = attached({"p.jpg": {"image/jpeg": encoded(red(4000, 3000), "JPEG")}})
    assert sizes(plotter.judge(raw)) == [(1200, 900)]


def bomb(width, height):
    """A PNG of a few kilobytes that says it has ``width`` times ``height`` pixels."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = zlib.compress(bytes(10 * 2**20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


HOSTILE = {
    "a bomb": {"a.png": {"image/png": base64.b64encode(bomb(60_000, 60_000)).decode()}},
    "a small bomb": {"a.png": {"image/png": base64.b64encode(bomb(4_900, 5_000)).decode()}},
    "a drawing": {"a.svg": {"image/svg+xml": "<svg onload='alert(1)'/>"}},
    "no base64": {"a.png": {"image/png": "\ud800 %%%"}},
    "nothing": {"a.png": {"image/png": ""}},
    "half an image": {"a.png": {"image/png": encoded(red(300, 300))[:400]}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_attachments_that_are_no_image_are_left_out(plotter, name):
    judged = plotter.judge(attached(HOSTILE[name]))
    assert judged.pictures == ()
    assert all(one.passed for one in judged.verdicts if one.state != AWAITING)
    notes = next(one.notes for one in judged.verdicts if one.task == "explain")
    assert "Not every picture can be shown" in " ".join(notes)
    assert judged.cost.student < PLOTTING.cpu


@pytest.mark.parametrize(
    "odd", [[], 7, {"a": 7}, {"a": {"text/plain": "x"}}, {"a": {"image/png": 7}}]
)
def test_attachments_of_no_form_are_nothing(plotter, odd):
    judged = plotter.judge(attached(odd))
    assert judged.pictures == ()
    assert judged.answers["explain"] == "<p>See .</p>\n" or "my plot" in judged.answers["explain"]


def test_many_attachments(plotter):
    bundles = {f"{n}.png": {"image/png": encoded(red(20, 20))} for n in range(200)}
    assert len(plotter.judge(attached(bundles)).pictures) == pictures.MAX_COUNT


def test_the_checker_is_not_believed_either():
    album = pictures.Album()
    album.add("double", "x" * 900, [(2, 1, b"12345678")])
    body, blobs = album.plain()
    (one,) = pictures.read(body, blobs, frozenset({"double"}))
    assert (one.width, one.height, len(one.caption)) == (2, 1, pictures.MAX_CAPTION)
    lies = [
        ([["other", "c", [2, 1]]], blobs),
        ([["double", "c" * 201, [2, 1]]], blobs),
        ([["double", 7, [2, 1]]], blobs),
        ([[["double"], "c", [2, 1]]], blobs),
        ([["double", "c", [2, 2]]], blobs),
        ([["double", "c"]], blobs),
        ({"double": 1}, blobs),
        (body, []),
    ]
    for lie, with_blobs in lies:
        with pytest.raises(WireError):
            pictures.read(lie, with_blobs, frozenset({"double"}))


def test_files_are_made_anew_on_white_paper_and_stay_small():
    clear = pictures.Picture("", "", 3, 2, bytes(24))
    image = Image.open(io.BytesIO(png(clear)))
    assert (image.size, image.mode) == ((3, 2), "RGB")
    assert set(image.tobytes()) == {255}
    noise = np.random.default_rng(0).integers(256, size=(1200, 1200, 4), dtype=np.uint8)
    data = png(pictures.Picture("", "", 1200, 1200, noise.tobytes()))
    assert len(data) <= MAX_PNG
    assert Image.open(io.BytesIO(data)).size == (600, 600)


def test_the_page_holds_pictures_and_escapes_their_names():
    row = Row("explain", "Explain", None, 4.0, AWAITING)
    plates = [
        Plate("explain", '"><script>alert(1)</script>.png', b"one"),
        Plate("", "From cell 3 of your notebook", b"two"),
    ]
    release = Release("mini", "Mini", "0", "mini.ipynb", (), (), "", (), ())
    text = page(release, Sheet("heron", "mini", (row,)), plates)
    assert "<script" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;.png") == 2  # as text and as caption
    assert re.findall(r'src="([^"]*)"', text) == [
        "data:image/png;base64," + base64.b64encode(one).decode() for one in (b"one", b"two")
    ]
    assert "img-src data:;" in text
    assert text.index("Explain</span>") < text.index("b25l") < text.index("Other pictures")


def test_from_the_hand_in_to_the_page_and_back_from_the_journal(tmp_path, release_root):
    submitted, out = tmp_path / "submitted", tmp_path / "out"
    hand_in(submitted, "wren", with_cells(PLOT + "plt.plot([1])", place=4))
    hand_in(submitted, "heron", attached({"<b>.png": {"image/png": encoded(red(30, 20))}}))
    assert run(submitted, out, release_root, settings=PLOTTING) == 0
    pages = {name: out / "feedback" / name / "mini.html" for name in ("wren", "heron")}
    before = {name: path.read_bytes() for name, path in pages.items()}
    for name, path in pages.items():
        (uri,) = re.findall(r'<img src="data:image/png;base64,([^"]*)"', path.read_text())
        image = Image.open(io.BytesIO(base64.b64decode(uri)))
        assert image.size == (30, 20) if name == "heron" else image.width > 100
        assert "<b>" not in path.read_text()
        path.unlink()
    rows = dump(out, release_root)
    assert run(submitted, out, release_root, settings=PLOTTING) == 0
    assert {name: path.read_bytes() for name, path in pages.items()} == before
    assert dump(out, release_root) == rows
    assert sum(row[0] == "pictures" for row in rows) == 2
