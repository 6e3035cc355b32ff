"""The lists at the back of the book are complete: corrections, coverage, words, works."""

import re
from collections import Counter
from pathlib import Path

from course_utils.authoring.corrections import boxes, corrections

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
PAGES = {path: path.read_text(encoding="utf-8") for path in sorted(BOOK.rglob("*.md"))}
LABEL = re.compile(r"^(?:\(([\w-]+)\)=|:(?:label|name): ([\w-]+))\s*$", re.M)
TERM = re.compile(r"\{term\}`(?:[^`<]*<)?([^`>]+)>?`")


def labels() -> set[str]:
    return {a or b for source in PAGES.values() for a, b in LABEL.findall(source)}


def defined() -> list[str]:
    """The words of the glossary, in order."""
    source = PAGES[BOOK / "glossary.md"]
    blocks = re.findall(r"^```\{glossary\}\n(.*?)^```", source, re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line and line[0] != " "]


def test_every_correction_is_placed() -> None:
    assert not [item.id for item in corrections(ROOT) if not item.places]


def test_every_chapter_of_a_correction_that_has_a_box_is_meant() -> None:
    """A box stands in one of the chapters that the list names for its item, or in an appendix."""
    chapters = {item.id: set(item.chapters) for item in corrections(ROOT)}
    elsewhere = [
        (box.path, name)
        for box in boxes(ROOT)
        for name in box.corrects
        if (number := Path(box.path).stem[:2]).isdigit() and number not in chapters[name]
    ]
    assert not elsewhere


def test_every_topic_of_the_introductions_leads_somewhere() -> None:
    source = PAGES[BOOK / "coverage.md"]
    known = labels()
    parts = re.split(r"^## ", source, flags=re.M)[1:]
    assert [part[:3] for part in parts] == ["000", "001", "002", "003", "004"]
    for part in parts:
        rows = re.findall(r"^\| (?!topic|---)(.+?) \| (.+) \|$", part, re.M)
        assert len(rows) > 5, part[:3]
        assert len({topic for topic, _ in rows}) == len(rows), part[:3]
        for topic, where in rows:
            targets = re.findall(r"\{ref\}`([\w-]+)`", where)
            assert targets, topic
            assert set(targets) <= known, topic


def test_the_glossary_has_every_word_that_is_used_and_each_once() -> None:
    words = defined()
    assert [word for word, times in Counter(words).items() if times > 1] == []
    used = {
        word.strip()
        for source in PAGES.values()
        for word in TERM.findall(re.sub(r"^```\{code-cell\}.*?^```", "", source, flags=re.M | re.S))
    }
    assert used <= set(words), sorted(used - set(words))


def test_the_glossary_has_the_words_of_the_second_half() -> None:
    wanted = """cell state|candidate|forget gate|input gate|output gate|peephole|attention
    |bottleneck|parallel scan|state-space model|chrono initialisation|gated recurrent unit"""
    missing = {word.strip() for word in wanted.split("|")} - set(defined())
    assert not missing


def test_every_work_that_is_cited_is_listed() -> None:
    listed = set(
        re.findall(r"^@\w+\{([\w-]+),", (BOOK / "references.bib").read_text(encoding="utf-8"), re.M)
    )
    cited = {
        key.strip()
        for source in PAGES.values()
        for keys in re.findall(r"\{cite:[tp]\}`([^`]+)`", source)
        for key in keys.split(",")
    }
    assert cited <= listed, sorted(cited - listed)
    assert listed <= cited, sorted(listed - cited)


def test_every_row_of_the_ledger_has_a_number_of_ours_and_a_verdict_with_a_section() -> None:
    source = PAGES[BOOK / "chapters/paper_ledger.md"]
    rows = [row.split(" | ") for row in re.findall(r"^\| \{cite:t\}.*$", source, re.M)]
    assert len(rows) > 15
    known = labels()
    for paper, _claim, _where, _setting, ours, verdict in rows:
        assert "{glue:text}`" in ours, paper
        words, label = re.fullmatch(r"\{ref\}`([a-z ]+) <([\w-]+)>` \|", verdict).groups()
        assert words in {"reproduced", "in part", "not at this scale"}, paper
        assert label in known, paper
