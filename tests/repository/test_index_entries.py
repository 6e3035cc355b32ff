"""The field's names and their short forms lead to the chapter that teaches them."""

import re
from pathlib import Path

import pytest

CHAPTERS = Path(__file__).parents[2] / "book" / "chapters"
NAMES = {
    "recurrent neural network": "02_recurrence",
    "RNN": "02_recurrence",
    "Elman network": "02_recurrence",
    "hidden state": "02_recurrence",
    "perplexity": "03_language_models",
    "cross-entropy": "03_language_models",
    "n-gram": "03_language_models",
    "teacher forcing": "03_language_models",
    "backpropagation through time": "04_bptt",
    "BPTT": "04_bptt",
    "truncated backpropagation through time": "04_bptt",
    "TBPTT": "04_bptt",
    "vanishing gradient": "05_vanishing_exploding",
    "exploding gradient": "05_vanishing_exploding",
    "exploding": "05_vanishing_exploding",
    "gradient clipping": "05_vanishing_exploding",
    "spectral radius": "05_vanishing_exploding",
    "LSTM": "06_lstm_gates",
    "long short-term memory": "06_lstm_gates",
    "forget gate": "06_lstm_gates",
    "cell state": "06_lstm_gates",
    "forget bias": "07_lstm_learning",
    "temperature": "08_char_lstm",
    "GRU": "09_beyond",
    "attention": "09_beyond",
    "transformer": "09_beyond",
    "state-space model": "09_beyond",
    "install": "00_start_here",
}


def entries():
    """Each index entry and the chapters that claim it; "!" says that it is the main place."""
    found = {}
    for path in sorted(CHAPTERS.glob("*.md")):
        for words in re.findall(r"^```\{index\} (.*)$", path.read_text("utf-8"), re.MULTILINE):
            for word in words.split(", "):
                assert word.startswith("! "), f"{path.name}: {word} is not marked as a main entry"
                found.setdefault(word[2:], []).append(path.stem)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_name_leads_to_its_chapter(name):
    assert entries().get(name) == [NAMES[name]]


def test_no_name_leads_to_two_chapters():
    assert {name: places for name, places in entries().items() if len(places) > 1} == {}
