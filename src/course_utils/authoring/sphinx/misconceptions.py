"""Misconception boxes, and the page that lists them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from course_utils.authoring.sphinx.labels import label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


class MisconceptionIndex(nodes.General, nodes.Element):
    """Stands where the list of all boxes will be."""


class Misconception(SphinxDirective):
    """A false statement that many have read somewhere, what refutes it, and what is true."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {
        "label": directives.unchanged_required,
        "corrects": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """Build the box and remember it for the index."""
        self.assert_has_content()
        if "label" not in self.options:
            raise self.error("a misconception needs ':label: mis-…' so that others can point at it")
        statement, messages = self.state.inline_text(self.arguments[0], self.lineno - 1)
        kicker = nodes.inline("", "Misconception. ", classes=["misconception-kicker"])
        title = nodes.title(self.arguments[0], "", kicker, *statement)
        box = nodes.admonition("", title, classes=["misconception"])
        self.set_source_info(box)
        said = nodes.inline("", "", *(node.deepcopy() for node in statement))
        anchor = label(self, box, self.options["label"], said.astext())
        self.state.nested_parse(self.content, self.content_offset, box)
        _boxes(self.env).setdefault(self.env.docname, []).append((anchor, said))
        return [box, *messages]


class MisconceptionIndexDirective(SphinxDirective):
    """``{misconception-index}``: every box of the book, by chapter, with a link."""

    def run(self) -> list[nodes.Node]:
        """Leave a place for the list; it is filled in when all pages are read."""
        _indexes(self.env).add(self.env.docname)
        return [MisconceptionIndex("")]


def setup(app: Sphinx) -> None:
    """Register the box, the index and their book-keeping."""
    app.add_directive("misconception", Misconception)
    app.add_directive("misconception-index", MisconceptionIndexDirective)
    app.add_node(MisconceptionIndex)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("env-updated", lambda app, env: sorted(_indexes(env)))
    app.connect("doctree-resolved", _fill)


def _boxes(env: BuildEnvironment) -> dict[str, list[tuple[str, nodes.inline]]]:
    if not hasattr(env, "course_misconceptions"):
        env.course_misconceptions = {}
    return env.course_misconceptions


def _indexes(env: BuildEnvironment) -> set[str]:
    if not hasattr(env, "course_misconception_indexes"):
        env.course_misconception_indexes = set()
    return env.course_misconception_indexes


def _forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _boxes(env).pop(docname, None)
    _indexes(env).discard(docname)


def _merge(
    app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment
) -> None:
    _boxes(env).update(_boxes(other))
    _indexes(env).update(_indexes(other))


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in list(doctree.findall(MisconceptionIndex)):
        place.replace_self(_list_of_boxes(app, docname))


def _list_of_boxes(app: Sphinx, docname: str) -> list[nodes.Node]:
    """One list a page, in the order of the book."""
    boxes, found = _boxes(app.env), []
    for page in [page for page in _in_order(app.env) if boxes.get(page)]:
        heading = nodes.paragraph("", "", nodes.strong("", app.env.titles[page].astext()))
        items = [_item(app, docname, page, *box) for box in boxes[page]]
        found += [heading, nodes.bullet_list("", *items, classes=["misconception-index"])]
    return found


def _in_order(env: BuildEnvironment) -> list[str]:
    order, waiting = [], [env.config.root_doc]
    while waiting:
        page = waiting.pop(0)
        if page not in order:
            order.append(page)
            waiting = [*env.toctree_includes.get(page, []), *waiting]
    return order


def _item(app: Sphinx, docname: str, page: str, anchor: str, said: nodes.inline) -> nodes.list_item:
    uri = f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
    link = nodes.reference("", "", said.deepcopy(), refuri=uri, internal=True)
    return nodes.list_item("", nodes.paragraph("", "", link))
