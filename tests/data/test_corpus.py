"""The corpus: nothing twice, nothing shared between its parts, and a name for what it is."""

import hashlib

import pytest

from course_utils.data.text import (
    KneserNey,
    Vocabulary,
    corpus,
    corpus_from_topics,
    deduplicate,
    find_leaks,
    python_reference,
)

TOPICS = {
    "if": "one\n\ntwo\n\nthree three three three",
    "for": "two \n\nfour",
    "while": "one\n\nfive five\n\nfive five",
    "try": "six " * 10,
}


def test_a_paragraph_is_kept_where_it_first_stands():
    assert deduplicate(["a\n\nb\n\na", " b \n\nc"]) == ["a\n\nb", "c"]
    assert deduplicate(["a\n\n\n\nb"]) == ["a\n\n\n\nb"]
    assert deduplicate([]) == []


def test_parts_are_whole_topics_and_share_nothing():
    made = corpus_from_topics("made", TOPICS)
    assert made.text == made.train + "\n\n" + made.valid
    paragraphs = [p.strip() for p in made.text.split("\n\n")]
    assert sorted(paragraphs) == sorted(set(paragraphs))
    assert set(made.train.split("\n\n")).isdisjoint(made.valid.split("\n\n"))
    assert made.raw == "\n".join(TOPICS[name] for name in sorted(TOPICS))
    assert made.sha256 == hashlib.sha256(made.raw.encode()).hexdigest()
    assert made.duplicated == pytest.approx(1 - len(made.text) / len(made.raw))


def test_the_split_does_not_hang_on_the_order_of_the_topics():
    backwards = dict(reversed(TOPICS.items()))
    assert corpus_from_topics("made", backwards) == corpus_from_topics("made", TOPICS)


@pytest.mark.parametrize(
    ("topics", "held_out", "message"),
    [
        ({"if": "a", "for": "a"}, 0.1, "at least two different texts; got 1"),
        ({}, 0.1, "at least two different texts; got 0"),
        (TOPICS, 0.0, "held_out must be a finite number above 0; got 0"),
        (TOPICS, 1.0, "held_out must be below 1; got 1"),
    ],
)
def test_what_cannot_be_split_is_refused(topics, held_out, message):
    with pytest.raises(ValueError, match=message):
        corpus_from_topics("made", topics, held_out=held_out)


@pytest.fixture(scope="module")
def reference():
    return python_reference()


def test_the_reference_is_one_text_on_every_machine(reference):
    assert reference.name == "Python 3.11.7 reference"
    assert reference.sha256 == corpus.SHA256
    assert len(reference.raw) == 465_048
    assert 0.15 < reference.duplicated < 0.25
    assert 0.07 < len(reference.valid) / len(reference.text) < 0.15


def test_a_changed_file_is_named(monkeypatch):
    monkeypatch.setattr(corpus, "SHA256", "0" * 64)
    python_reference.cache_clear()
    with pytest.raises(
        ValueError, match=r"python_reference\.json was changed: .*install the course"
    ):
        python_reference()
    python_reference.cache_clear()


def test_a_raw_split_leaks_and_ours_does_not(reference):
    cut = int(0.9 * len(reference.raw))
    raw = find_leaks(reference.raw[:cut], reference.raw[cut:]).share
    ours = find_leaks(reference.train, reference.valid).share
    assert raw > 0.15
    assert ours < 0.03


def test_ngrams_cost_what_was_measured(reference):
    """Measured on another shuffle of the topics; shuffles differ by 0.15 bits (see SHUFFLE)."""
    measured = [4.75, 3.72, 2.87, 2.32, 2.099, 2.039, 2.037, 2.043]
    model = KneserNey(reference.train, 8, Vocabulary.of(reference.text))
    got = [model.bits_per_character(reference.valid, order) for order in range(1, 9)]
    assert got == pytest.approx(measured, abs=0.1)
    assert got[:6] == sorted(got[:6], reverse=True)


class TestLeaks:
    def test_finds_a_planted_passage(self):
        secret = "the quick brown fox jumps over the lazy dog"
        leak = find_leaks("aaa " + secret + " bbb", "xx" + secret + "yy", length=20)
        assert leak.passages == ((2, 2 + len(secret)),)
        assert leak.share == pytest.approx(len(secret) / (len(secret) + 4))

    def test_longest_first_and_apart(self):
        train, valid = "abcdefgh|12345|", "..12345..abcdefgh.."
        assert find_leaks(train, valid, length=4).passages == ((9, 17), (2, 7))

    def test_nothing_shared_nothing_found(self):
        assert find_leaks("aaaa", "bbbb", length=2).share == 0
        assert find_leaks("ab", "abab", length=3).passages == ()

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            (("a", ""), ValueError, "valid must hold at least one character"),
            ((b"a", "a"), TypeError, "train must be a string; got bytes"),
            (("a", None), TypeError, "valid must be a string; got NoneType"),
        ],
    )
    def test_bad_arguments_are_named(self, arguments, error, message):
        with pytest.raises(error, match=message):
            find_leaks(*arguments)

    def test_length_is_named(self):
        with pytest.raises(ValueError, match="length must be a whole number of at least 1; got 0"):
            find_leaks("a", "a", length=0)
