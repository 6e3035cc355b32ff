"""IPython's own syntax (``%magic``, ``!command``, ``thing?``), looked for only where it may be.

IPython reads every cell token by token, in Python, before it runs it; for a cell without any such
syntax that costs more than all the rest. What this module skips changes nothing: a test compares
both ways on every cell of the course and on invented ones.
"""

import ast
import re

from IPython.core.inputtransformer2 import TransformerManager

# ``?`` anywhere, the others first in a line, ``%`` and ``!`` also after an assignment.
_MARKS = re.compile(r"\?|^\s*[%!,;/]|=[\s\\]*[%!]", re.MULTILINE)


class Transformers(TransformerManager):
    """What turns a cell into Python, quick where it is plain Python already."""

    def __init__(self) -> None:
        super().__init__()
        self._usual = tuple(self.token_transformers)

    def do_token_transforms(self, lines: list[str]) -> list[str]:
        """Replace IPython's syntax. A notebook may have added transformers of its own."""
        usual = tuple(self.token_transformers) == self._usual
        return lines if usual and _plain("".join(lines)) else super().do_token_transforms(lines)


def _plain(source: str) -> bool:
    """True for Python without a mark; what does not parse is left to IPython, and its message."""
    if _MARKS.search(source):
        return False
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
