"""Text: where it comes from, how it becomes numbers and batches, and what an n-gram makes of it."""

from course_utils.data.text.batches import ContiguousBatches, RandomBatches, TextBatch
from course_utils.data.text.corpus import (
    Corpus,
    corpus_from_topics,
    deduplicate,
    python_reference,
)
from course_utils.data.text.leaks import Leak, find_leaks
from course_utils.data.text.loading import TextSourceError, load_text
from course_utils.data.text.ngrams import KneserNey
from course_utils.data.text.sampling import generate, sample, sampling_distribution
from course_utils.data.text.vocabulary import UnknownCharacterError, Vocabulary

__all__ = [
    "ContiguousBatches",
    "Corpus",
    "KneserNey",
    "Leak",
    "RandomBatches",
    "TextBatch",
    "TextSourceError",
    "UnknownCharacterError",
    "Vocabulary",
    "corpus_from_topics",
    "deduplicate",
    "find_leaks",
    "generate",
    "load_text",
    "python_reference",
    "sample",
    "sampling_distribution",
]
