"""Mathematics set by KaTeX while the site is built: a reader needs no script for it.

KaTeX comes from npm and runs in V8. TeX that it cannot read is a warning with file and line.
"""

from __future__ import annotations

import atexit
import json
import re
import shutil
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from py_mini_racer import MiniRacer
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# One string each way: V8 then hands over no object that outlives its context.
RENDER = """const render = (tex, display) => {
  try {
    const options = {displayMode: display, output: "htmlAndMathml", strict: "error"};
    return JSON.stringify({html: katex.renderToString(tex, options)});
  } catch (error) {
    return JSON.stringify({error: String(error.message)});
  }
}"""


class BadTeXError(ValueError):
    """KaTeX cannot read this formula; the message says where in the formula."""


def render(tex: str, display: bool, katex: Path) -> str:
    """Return HTML with MathML for one formula; ``katex`` is the package's ``dist`` folder."""
    answer = json.loads(_engine(katex).call("render", tex.strip(), display))
    if "error" in answer:
        raise BadTeXError(re.sub(r"^KaTeX parse error: ", "", answer["error"]))
    return answer["html"]


@cache
def _engine(katex: Path) -> MiniRacer:
    from py_mini_racer import MiniRacer

    context = MiniRacer()
    atexit.register(context.close)  # left open, its thread keeps Python 3.13 from ending
    context.eval((katex / "katex.min.js").read_text(encoding="utf-8"))
    context.eval(RENDER)
    return context


def setup(app: Sphinx) -> None:
    """Make KaTeX the renderer of every formula."""
    app.add_config_value("course_katex", "node_modules/katex/dist", "html", types=[str])
    app.add_html_math_renderer("katex", (_visit_inline, None), (_visit_display, None))
    app.connect("config-inited", _use_katex, priority=900)
    app.connect("builder-inited", _write_styles)
    app.connect("html-page-context", _link_styles)


def _folder(config: Config, confdir: Path) -> Path:
    return (confdir / config.course_katex).resolve()


def _use_katex(app: Sphinx, config: Config) -> None:
    if not (_folder(config, Path(app.confdir)) / "katex.min.js").is_file():
        raise ExtensionError(
            "KaTeX is not installed: run 'npm ci' where package.json stands, then build again"
        )
    config.html_math_renderer = "katex"
    config.html_static_path.append(str(_styles(app)))


def _styles(app: Sphinx) -> Path:
    return Path(app.doctreedir).parent / ".course_static"


def _write_styles(app: Sphinx) -> None:
    """Put KaTeX's style sheet and its woff2 fonts below ``_static/katex``."""
    source, target = _folder(app.config, Path(app.confdir)), _styles(app) / "katex"
    shutil.rmtree(target, ignore_errors=True)
    (target / "fonts").mkdir(parents=True)
    css = (source / "katex.min.css").read_text(encoding="utf-8")
    only_woff2 = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("[^"]*"\)', "", css)
    (target / "katex.css").write_text(only_woff2, encoding="utf-8")
    for font in (source / "fonts").glob("*.woff2"):
        shutil.copyfile(font, target / "fonts" / font.name)


def _link_styles(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    if 'class="katex' in context.get("body", ""):
        app.add_css_file("katex/katex.css")


def _visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(f'<span class="math">{_html(self, node, display=False)}</span>')
    raise nodes.SkipNode


def _visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math"))
    self.body.append(_html(self, node, display=True))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _html(self: HTML5Translator, node: nodes.Element, display: bool) -> str:
    tex = node.astext()
    katex = _folder(self.builder.config, Path(self.builder.confdir))
    try:
        return render(tex, display, katex)
    except BadTeXError as error:
        logger.warning("this formula is not TeX that KaTeX reads: %s", error, location=node)
        return f"<code>{escape(tex)}</code>"
