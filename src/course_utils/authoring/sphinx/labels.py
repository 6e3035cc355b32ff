"""Give a box of ours a label that ``{ref}`` resolves to its title."""

from __future__ import annotations

from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_id


def label(directive: SphinxDirective, box: nodes.Element, name: str, title: str) -> str:
    """Label ``box`` as ``name``; return its anchor. A second use of the name is a warning."""
    document, env = directive.state.document, directive.env
    anchor = make_id(env, document, "", name)
    box["ids"].append(anchor)
    document.ids[anchor] = box
    key = nodes.fully_normalize_name(name)
    env.get_domain("std").note_hyperlink_target(key, env.docname, anchor, title)
    return anchor
