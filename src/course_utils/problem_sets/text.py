"""When two texts are the same: what editors, systems and downloads change without being asked."""

import unicodedata


def lines(source: str) -> str:
    """The text with Python's own line ends, whatever system it was written on."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def same(source: str) -> str:
    """What is equal for texts that look equal: line ends, trailing blanks and empty lines at the
    end, byte-order marks, non-breaking blanks and the forms of accented letters do not count."""
    plain = unicodedata.normalize("NFC", lines(source)).replace("\ufeff", "").replace("\xa0", " ")
    return "\n".join(line.rstrip() for line in plain.split("\n")).rstrip("\n")
