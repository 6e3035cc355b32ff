"""Inline a stored SVG figure so that it follows the page's theme."""

from __future__ import annotations

import re

from course_utils.figures.style import INK


def inline(svg: str, prefix: str) -> str:
    """Return ``svg`` for direct use in a page.

    Its neutral ink becomes a CSS variable, so that text has the theme's own contrast; every id and
    every reference to one gets ``prefix``, so that two figures of a page cannot meet.
    """
    element = svg[svg.index("<svg") :].strip()
    ink = re.sub(re.escape(INK), "var(--course-ink)", element, flags=re.IGNORECASE)
    return f'<div class="course-figure">{_with_prefix(ink, prefix)}</div>'


def _with_prefix(svg: str, prefix: str) -> str:
    ids = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', svg)
    links = re.sub(r'\b(xlink:href|href)="#([^"]+)"', rf'\1="#{prefix}\2"', ids)
    urls = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", links)
    return re.sub(
        r'\baria-(labelledby|describedby)="([^"]+)"',
        lambda found: _names(found[1], found[2], prefix),
        urls,
    )


def _names(attribute: str, names: str, prefix: str) -> str:
    return f'aria-{attribute}="{" ".join(prefix + name for name in names.split())}"'
