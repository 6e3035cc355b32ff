"""Train the longer runs of chapter 08 and write what the course keeps of them.

``make long-experiments``. Checkpoints lie in ``_build/long_experiments``: a run that is broken off
goes on from there, and one that is finished is not trained again. Delete the folder to start anew.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from course_utils.authoring.files import write
from course_utils.data.text import Vocabulary, python_reference
from course_utils.experiments.character_runs import as_run
from course_utils.experiments.character_runs.training import (
    CELLS,
    RUNS,
    finish_run,
    updates_done,
)
from course_utils.experiments.characters import LSTM, bits_per_character, kneser_ney
from course_utils.nn.pytorch.characters import parameters_of
from course_utils.nn.safetensors import save_weights
from course_utils.nn.trees import tree_map

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
    files = {"runs.json": text + "\n", "held_out.txt": corpus.valid}
    write(KEPT, {name: content.encode() for name, content in files.items()})
    keep(finished[KEPT_MODEL][1], corpus)


def keep(model, corpus) -> None:
    """Write the weights as float16, with their vocabulary and what they cost as written."""
    vocabulary = Vocabulary.of(corpus.text)
    halves = tree_map(lambda array: array.astype(np.float16), parameters_of(model))
    rounded = tree_map(lambda array: array.astype(np.float32), halves)
    run = as_run(CELLS[RUNS[KEPT_MODEL].cell], rounded, vocabulary)
    bits = bits_per_character(LSTM, run.model, vocabulary.encode(corpus.valid))
    embedding, (layer,), readout = halves
    arrays = {"embedding": embedding.E, "W_x": layer.W_x, "W_h": layer.W_h, "b": layer.b}
    notes = {
        "model": "character LSTM: embedding, one layer (gates i, f, g, o), readout; rows go in",
        "characters": json.dumps(list(vocabulary.characters), ensure_ascii=False),
        "held_out_bits": f"{bits:.6f}",
        "trained_on": f"{corpus.name}, sha256 {corpus.sha256}; PSF licence",
    }
    arrays |= {"W_y": readout.W, "b_y": readout.b}
    save_weights(KEPT / f"{KEPT_MODEL}.safetensors", arrays, notes)
    print(f"held out: {bits:.4f} bits a character, from float16 weights")


if __name__ == "__main__":
    main()
