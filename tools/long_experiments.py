"""Train the longer runs of chapter 08 and write what the course keeps of them.

``make long-experiments``. Checkpoints lie in ``_build/long_experiments``: a run that is broken off
goes on from there, and one that is finished is not trained again. Delete the folder to start anew.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from tqdm import tqdm

from course_utils.authoring.files import write
from course_utils.data.text import Vocabulary, python_reference
from course_utils.experiments.character_runs import as_run, store_model
from course_utils.experiments.character_runs.training import (
    CELLS,
    RUNS,
    finish_run,
    updates_done,
)
from course_utils.experiments.characters import kneser_ney
from course_utils.experiments.gate_reading import READER, train_reader
from course_utils.nn.pytorch.characters import parameters_of

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "src/course_utils/experiments/character_runs/files"
KEPT_MODEL = "lstm256"


def main() -> None:
    """Run what the command line names (everything by default), then write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", help=f"some of {', '.join(RUNS)}; all by default")
    parser.add_argument("--folder", type=Path, default=ROOT / "_build/long_experiments")
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    corpus, finished = python_reference(), {}
    for name in wanted.runs or RUNS:
        checkpoint = wanted.folder / f"{name}.npz"
        with tqdm(
            total=RUNS[name].updates, initial=updates_done(checkpoint), desc=name, unit="update"
        ) as bar:

            def report(line: str, bar: tqdm = bar) -> None:
                bar.update(10)
                bar.set_postfix_str(line.split("  ", 1)[1])

            finished[name] = finish_run(name, corpus, wanted.folder, report)
    if len(finished) < len(RUNS):
        return
    runs = {name: record for name, (record, _) in finished.items()}
    results = {"kneser_ney": kneser_ney(corpus), "runs": runs}
    text = json.dumps(results, ensure_ascii=False, indent=1)
    write(KEPT, {"runs.json": f"{text}\n".encode()})
    vocabulary = Vocabulary.of(corpus.text)
    model = as_run(CELLS[RUNS[KEPT_MODEL].cell], parameters_of(finished[KEPT_MODEL][1]), vocabulary)
    for name, run in ((KEPT_MODEL, model), (READER, train_reader())):
        bits = store_model(KEPT / f"{name}.safetensors", run, corpus)
        print(f"{name}, held out: {bits:.4f} bits a character, from float16 weights")


if __name__ == "__main__":
    main()
