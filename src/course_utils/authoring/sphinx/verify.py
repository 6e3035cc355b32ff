"""Verify a built site: links and anchors resolve, nothing comes from elsewhere, nothing leaks.

``python -m course_utils.authoring.sphinx.verify _build/html`` prints one line a fault.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from course_utils.authoring.text import parse

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# What a browser fetches without being asked. A link is only followed when a reader presses it.
FETCHED = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "object": ("data",),
    "embed": ("src",),
    "image": ("href", "xlink:href"),
}
FETCHED_LINKS = {
    "stylesheet",
    "icon",
    "preload",
    "modulepreload",
    "prefetch",
    "manifest",
    "preconnect",
}
REGION = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.DOTALL)
TELLING = 12  # a shorter line says nothing by itself


@dataclass(frozen=True)
class Page:
    """One HTML file of the site."""

    path: Path
    tree: HtmlElement

    @cached_property
    def anchors(self) -> set[str]:
        """Every id and name on the page."""
        return {str(value) for value in self.tree.xpath("//@id | //@name") if value}


def verify(site: Path, root: Path | None = None) -> list[str]:
    """Return a sentence for each fault of the site in ``site``, empty if there is none.

    With the repository's ``root`` the solutions and hidden checks of its problem sets are looked
    for as well. Raises FileNotFoundError if there is no site.
    """
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"{site}: there is no index.html; build the site first")
    site = site.resolve()
    html = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    pages = {path: _read(path) for path in html}
    faults = []
    for page in pages.values():
        name = page.path.relative_to(site).as_posix()
        faults += [f"{name}: {fault}" for fault in _links(page, pages, site)]
        faults += [f"{name}: {fault}" for fault in _elsewhere(page)]
    faults += list(_styles(site))
    if root is not None:
        faults += list(_leaks(site, root))
    return faults


def _read(path: Path) -> Page:
    from lxml import html

    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    return Page(path, html.document_fromstring(path.read_bytes(), parser=parser))


def _links(page: Page, pages: dict[Path, Page], site: Path) -> Iterator[str]:
    for link in page.tree.iterfind(".//a[@href]"):
        href = urlsplit(link.get("href"))
        if href.scheme or href.netloc:
            continue
        target = page.path
        if href.path:
            target = (page.path.parent / unquote(href.path)).resolve()
        if not target.is_file() or not target.is_relative_to(site):
            yield f"the link to {link.get('href')} leads nowhere"
        elif _dangling(unquote(href.fragment), pages.get(target)):
            yield f"the link to {link.get('href')} names an anchor that is not there"


def _dangling(fragment: str, page: Page | None) -> bool:
    return bool(fragment) and page is not None and fragment not in page.anchors


def _elsewhere(page: Page) -> Iterator[str]:
    for element in page.tree.iter(*FETCHED, "link"):
        if element.tag == "link" and not FETCHED_LINKS & set(element.get("rel", "").split()):
            continue
        for attribute in FETCHED.get(element.tag, ("href",)):
            address = element.get(attribute, "")
            if urlsplit(address).netloc:
                yield f"<{element.tag}> fetches {address} from another host"


def _styles(site: Path) -> Iterator[str]:
    for path in sorted(site.rglob("*.css")):
        css = path.read_text(encoding="utf-8")
        for address in re.findall(r"(?:url\(|@import\s+)[\"']?((?:https?:)?//[^\"')\s]+)", css):
            yield f"{path.relative_to(site).as_posix()}: fetches {address} from another host"


def _leaks(site: Path, root: Path) -> Iterator[str]:
    """Look on each problem set's page and in its notebook for what students must not see."""
    for text in sorted((root / "book" / "problem_sets").glob("*.md")):
        secrets = secret_lines(text.read_text(encoding="utf-8"), text.name)
        for path in sorted(path for path in site.rglob(f"{text.stem}.*") if path.is_file()):
            shown = _plain_text(path)
            for line in sorted(line for line in secrets if line in shown):
                name = path.relative_to(site).as_posix()
                yield f"{name}: shows “{line}”, hidden in {text.relative_to(root).as_posix()}"


def secret_lines(source: str, name: str) -> set[str]:
    """Return the lines of a problem set that stand only in solutions, answers or hidden checks."""
    secret, public = [], []
    for cell in parse(source, name).cells:
        if "manual" in cell.tags and "### BEGIN SOLUTION" not in cell.source:
            secret.append(cell.source)
            continue
        secret += [region[2] for region in REGION.finditer(cell.source)]
        public.append(REGION.sub("", cell.source))
    lines = {line.strip() for part in secret for line in part.splitlines()}
    known = "\n".join(public)
    return {line for line in lines if len(line) >= TELLING and line not in known}


def _plain_text(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        return str(_read(path).tree.text_content())
    if path.suffix == ".ipynb":
        import nbformat

        return "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    return text


def main(arguments: list[str]) -> int:
    """Print the faults of the site in the given folder; return 1 if there are any."""
    if len(arguments) != 1:
        print("usage: python -m course_utils.authoring.sphinx.verify FOLDER", file=sys.stderr)
        return 2
    site = Path(arguments[0])
    try:
        faults = verify(site, Path.cwd())
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    for fault in faults:
        print(fault, file=sys.stderr)
    pages = sum(1 for _ in site.rglob("*.html"))
    print(f"{pages} pages verified, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
