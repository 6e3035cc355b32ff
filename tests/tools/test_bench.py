"""The bench runs, its baselines are correct, and its report holds what it promises."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from course_utils import nn

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(autouse=True)
def beside_its_modules(monkeypatch):
    """What is next to a script is what it can import."""
    monkeypatch.syspath_prepend(str(BENCH))


@pytest.fixture
def baselines():
    import baselines

    return baselines


def test_the_baselines_compute_the_same_gradients(baselines):
    rng = np.random.default_rng(0)
    x, dh = rng.standard_normal((6, 3, 2)), rng.standard_normal((6, 3, 4))
    for cell, slow in [
        ("lstm", baselines.textbook_lstm),
        ("rnn", baselines.one_sequence_at_a_time_rnn),
    ]:
        params = getattr(nn, f"init_{cell}")(rng, 2, 4)
        *_, tape = getattr(nn, f"{cell}_forward")(x, params)
        dparams, dx, *_ = getattr(nn, f"{cell}_backward")(dh, tape)
        got = slow(x, params.W_x, params.W_h, params.b, dh)
        wanted = dparams.W_x, dparams.W_h, dparams.b, dx
        assert nn.compare_gradients(got, wanted).error < 1e-13, cell


@pytest.mark.usefixtures("torch")
def test_a_quick_bench_writes_its_report(tmp_path, monkeypatch, capsys):
    """Run as ``python bench/nn.py`` is, but in this process, which may have PyTorch already."""
    monkeypatch.setattr(sys, "argv", ["nn.py", "--quick", "--out", str(tmp_path)])
    runpy.run_path(str(BENCH / "nn.py"), run_name="__main__")
    said = capsys.readouterr().out
    report = json.loads((tmp_path / "nn.json").read_text())
    assert report["setting"]["threads"] == 1
    assert 0 < report["checks_share"] < 1
    seen = {(r["cell"], r["dtype"], r["passes"], r["rival"]) for r in report["rows"]}
    for cell in ("rnn", "lstm", "gru"):
        for dtype in ("float32", "float64"):
            assert (cell, dtype, "forward", "torch") in seen
            assert (cell, dtype, "forward + backward", "torch") in seen
            assert (cell, dtype, "forward + backward", "floor") in seen
        assert f"{cell} " in said
    assert ("lstm", "float32", "forward + backward", "textbook, gate by gate") in seen
    assert ("rnn", "float32", "forward + backward", "batch 1 loops") in seen
    for row in report["rows"]:
        low, high = row["quartiles"]
        assert 0 < low <= row["ratio"] <= high
    assert (tmp_path / "nn.svg").read_text().rstrip().endswith("</svg>")
    assert {path.name for path in tmp_path.iterdir()} == {"nn.json", "nn.svg"}
