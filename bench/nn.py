"""Speed of the numerical core: `python bench/nn.py [--quick] [--out FOLDER]`.

One thread. In every round each contestant runs once, in turn, on the same data, and is timed by
the CPU seconds of this process; a ratio is the median of the ratios within a round, so that what
else the machine does hits both sides. The *floor* is the time of the bare matrix products of a
training step, in the same round. Nothing here can fail because a machine is slow.
"""

import os

os.environ.update(
    dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

import argparse
import json
import platform
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from baselines import one_sequence_at_a_time_rnn, textbook_lstm

from course_utils import nn
from course_utils.nn.pytorch import to_torch

B, D = 32, 64
BLOCKS = {"rnn": 1, "lstm": 4, "gru": 3}
GOALS = {  # the most that forward + backward may cost, as a multiple
    ("lstm", "float32", "torch"): 1.6,
    ("lstm", "float64", "torch"): 1.0,
    ("rnn", "float32", "torch"): 1.0,
    ("rnn", "float64", "torch"): 1.0,
    ("lstm", "float32", "floor"): 2.0,
}
Contestants = dict[str, Callable[[], Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds")
    parser.add_argument("--out", type=Path, default=Path("_build/bench"), help="folder to write to")
    options = parser.parse_args()
    torch.set_num_threads(1)
    T, widths, rounds = (10, (64,), 3) if options.quick else (50, (64, 128, 256), 25)

    if forced_kernels():
        print(
            f"OPENBLAS_CORETYPE={forced_kernels()} makes NumPy, not PyTorch, run kernels of that"
            " processor: unset it to compare the two."
        )
    rows = []
    for cell in BLOCKS:
        for dtype in ("float32", "float64"):
            for H in widths:
                for passes, contestants in contests(cell, dtype, T, H).items():
                    seconds = race(contestants, rounds)
                    rows += summarise(cell, dtype, H, passes, seconds)
                    print("\n".join(describe(row) for row in rows[-len(seconds) + 1 :]), flush=True)
    checks = cost_of_checks(T, widths[-1], rounds)
    print(f"argument checks of lstm_forward, H = {widths[-1]}: {checks:.1%} of its time")

    options.out.mkdir(parents=True, exist_ok=True)
    report = {"setting": setting(T, rounds), "checks_share": checks, "rows": rows}
    write(options.out / "nn.json", lambda path: path.write_text(json.dumps(report, indent=1)))
    write(options.out / "nn.svg", lambda path: plot(rows, path))
    print(f"{options.out / 'nn.json'} and {options.out / 'nn.svg'} hold these numbers.")


def contests(cell: str, dtype: str, T: int, H: int) -> dict[str, Contestants]:
    """Who runs against whom, for the forward pass and for a whole training step."""
    rng = np.random.default_rng(0)
    params = getattr(nn, f"init_{cell}")(rng, D, H, dtype=dtype)
    x = rng.standard_normal((T, B, D)).astype(dtype)
    dh = rng.standard_normal((T, B, H)).astype(dtype)
    forward, backward = getattr(nn, f"{cell}_forward"), getattr(nn, f"{cell}_backward")
    module = to_torch(params)
    x_torch, dh_torch = torch.from_numpy(x), torch.from_numpy(dh)
    x_leaf = x_torch.clone().requires_grad_()

    def ours() -> None:
        *_, tape = forward(x, params)
        backward(dh, tape)

    def theirs() -> None:
        module.zero_grad()
        x_leaf.grad = None
        module(x_leaf)[0].backward(dh_torch)

    def theirs_forward() -> None:
        with torch.no_grad():
            module(x_torch)

    step: Contestants = {"ours": ours, "torch": theirs}
    step["floor"] = matrix_products(T, H, BLOCKS[cell], dtype)
    if cell == "lstm":
        weights = params.W_x, params.W_h, params.b
        step["textbook, gate by gate"] = partial(textbook_lstm, x, *weights, dh)
    if cell == "rnn":
        weights = params.W_x, params.W_h, params.b
        step["batch 1 loops"] = partial(one_sequence_at_a_time_rnn, x, *weights, dh)
    return {
        "forward": {"ours": lambda: forward(x, params), "torch": theirs_forward},
        "forward + backward": step,
    }


def matrix_products(T: int, H: int, blocks: int, dtype: str) -> Callable[[], None]:
    """The products that no training step can avoid, into memory that is already there."""
    rng = np.random.default_rng(0)

    def array(*shape: int) -> Any:
        return rng.standard_normal(shape).astype(dtype)

    x, h, da = array(T * B, D), array(T * B, H), array(T * B, blocks * H)
    W_x, W_h, W_h_T = array(D, blocks * H), array(H, blocks * H), array(blocks * H, H)
    a_t, h_t = array(B, blocks * H), array(B, H)
    a, dx, dW_x, dW_h = map(np.empty_like, (da, x, W_x, W_h))

    def run() -> None:
        np.matmul(x, W_x, out=a)
        for t in range(T):
            np.matmul(h[t * B : (t + 1) * B], W_h, out=a_t)
            np.matmul(da[t * B : (t + 1) * B], W_h_T, out=h_t)
        np.matmul(x.T, da, out=dW_x)
        np.matmul(h.T, da, out=dW_h)
        np.matmul(da, W_x.T, out=dx)

    return run


def race(contestants: Contestants, rounds: int) -> dict[str, np.ndarray]:
    """CPU seconds of every contestant in every round; the starting order rotates."""
    names = list(contestants)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for run in contestants.values():
        run()  # warm caches, first-use imports
    for n in range(rounds):
        for name in names[n % len(names) :] + names[: n % len(names)]:
            start = time.process_time()
            contestants[name]()
            seconds[name].append(time.process_time() - start)
    return {name: np.array(values) for name, values in seconds.items()}


def summarise(
    cell: str, dtype: str, H: int, passes: str, seconds: dict[str, np.ndarray]
) -> list[dict[str, Any]]:
    """One row a rival: how many times its time we need, with quartiles over the rounds."""
    rows = []
    for rival in seconds.keys() - {"ours"}:
        low, ratio, high = np.percentile(seconds["ours"] / seconds[rival], [25, 50, 75])
        goal = GOALS.get((cell, dtype, rival)) if passes != "forward" else None
        if rival == "floor" and H < 128:
            goal = None
        rows.append(
            {
                "cell": cell,
                "dtype": dtype,
                "H": H,
                "passes": passes,
                "rival": rival,
                "ratio": ratio,
                "quartiles": [low, high],
                "goal": goal,
                "our_ms": 1e3 * float(np.median(seconds["ours"])),
                "rival_ms": 1e3 * float(np.median(seconds[rival])),
            }
        )
    return sorted(rows, key=lambda row: row["rival"])


def describe(row: dict[str, Any]) -> str:
    low, high = row["quartiles"]
    goal = ""
    if row["goal"] is not None:
        goal = f"  goal {row['goal']}: {'met' if row['ratio'] <= row['goal'] else 'missed'}"
    return (
        f"{row['cell']:4} {row['dtype']} H {row['H']:3} {row['passes']:18} {row['our_ms']:8.2f} ms"
        f" = {row['ratio']:6.3f} ({low:.3f} to {high:.3f}) x {row['rival']}{goal}"
    )


def cost_of_checks(T: int, H: int, rounds: int) -> float:
    """What the checks of arguments, NaN included, take of an LSTM's forward pass."""
    from course_utils.nn.arguments import check

    rng = np.random.default_rng(0)
    params = nn.init_lstm(rng, D, H, dtype="float32")
    x = rng.standard_normal((T, B, D)).astype("float32")
    seconds = race(
        {
            "check": lambda: [
                check("bench", nn.LSTMParams, params, x=(x, "T B D")) for _ in range(20)
            ],
            "forward": lambda: nn.lstm_forward(x, params),
        },
        rounds,
    )
    return float(np.median(seconds["check"] / 20 / seconds["forward"]))


def setting(T: int, rounds: int) -> dict[str, Any]:
    """What the numbers depend on."""
    return {
        "T": T,
        "B": B,
        "D": D,
        "rounds": rounds,
        "threads": 1,
        "processor": processor(),
        "forced_kernels": forced_kernels(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
    }


def forced_kernels() -> str | None:
    """The kind of processor that OpenBLAS was told to assume, which costs NumPy speed, or None.

    PyTorch's own products take no notice of it, so every ratio to PyTorch gets worse.
    """
    return os.environ.get("OPENBLAS_CORETYPE")


def processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Training step against PyTorch, by width: a point a cell and precision, quartiles as bars."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    from course_utils.figures import house_style

    with house_style():
        fig, axes = plt.subplots(1, 2, figsize=(8, 3.5), sharey=True)
        for ax, dtype in zip(axes, ("float32", "float64"), strict=True):
            for cell, marker in zip(BLOCKS, "os^", strict=True):
                chosen = [
                    row
                    for row in rows
                    if (row["cell"], row["dtype"]) == (cell, dtype)
                    and (row["passes"], row["rival"]) == ("forward + backward", "torch")
                ]
                ratio = np.array([row["ratio"] for row in chosen])
                low, high = np.array([row["quartiles"] for row in chosen]).T
                widths = [str(row["H"]) for row in chosen]
                bars = np.abs([low - ratio, high - ratio])
                ax.errorbar(widths, ratio, bars, marker=marker, capsize=3, label=cell.upper())
            ax.axhline(1, linewidth=1, color="#767c85")
            ax.set(title=dtype, xlabel="hidden units H")
        axes[0].set(ylabel="our time / PyTorch's", ylim=(0, None))
        axes[1].legend()
        fig.savefig(path, format="svg", metadata={"Date": None})
        plt.close(fig)


def write(path: Path, save: Callable[[Path], object]) -> None:
    """Write beside the place and move there: nobody reads half a file."""
    part = path.with_name(path.name + ".part")
    save(part)
    part.replace(path)


if __name__ == "__main__":
    main()
