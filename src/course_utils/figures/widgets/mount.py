"""Show an ES module as a live widget where a kernel runs, and as a mount point where none does."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"


class Interactive:
    """An interactive figure: a module, what it shows, and a still version as HTML.

    A notebook stores the mount point: data for the module and, in it, the still version, which is
    what GitHub, a printer and a browser without scripts show.
    """

    def __init__(self, module: str, data: dict[str, Any], still: str, alt: str) -> None:
        self.module = module
        self.data = data
        self.still = still
        self.alt = alt
        self._live: Any = None

    def html(self) -> str:
        """The mount point that the site's ``host.js`` brings to life."""
        model = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return (
            f'<div class="course-widget" data-course-widget="{escape(self.module)}">\n'
            f'<script type="application/json">{_inert(model)}</script>\n'
            f'<div class="course-widget-still">\n{self.still}\n</div>\n</div>\n'
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        still = {"text/html": self.html(), "text/plain": self.alt}
        self._live = self._live or _live(self.module, self.data)
        if self._live is None:
            return still
        shown = self._live._repr_mimebundle_()
        view = shown[0] if isinstance(shown, tuple) else shown
        return {**(view or {}), **still}


def _inert(model: str) -> str:
    """JSON that cannot close the script element it stands in."""
    return model.replace("</", "<\\/")


def _live(module: str, data: dict[str, Any]) -> Any:
    """An anywidget with the same module, None where anywidget is not installed."""
    try:
        make = _widget_class(module)
    except ImportError:
        return None
    return make(data=data)


@cache
def _widget_class(module: str) -> Any:
    import anywidget
    import traitlets

    class Live(anywidget.AnyWidget):
        """The module in a live kernel; ``data`` is all it needs."""

        _esm = (STATIC / f"{module}.js").read_text(encoding="utf-8")
        data = traitlets.Dict().tag(sync=True)

    return Live
