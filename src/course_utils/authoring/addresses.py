"""Where things are published: the only reader of addresses is `_config.yml`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from course_utils.authoring.errors import AuthoringError


@dataclass(frozen=True)
class Addresses:
    """The published book, its repository, and the folder that page names are relative to."""

    book: str
    repository: str
    branch: str
    source: str  # "" when Jupyter Book builds the root, "book/" when it builds book/

    def page(self, path: str, anchor: str = "") -> str:
        """Return the address of the page made from the text ``path`` (below the root)."""
        page = path.removeprefix(self.source).removesuffix(".md")
        return f"{self.book}/{page}.html" + (f"#{anchor}" if anchor else "")

    def file(self, path: str) -> str:
        """Return the address of a file of the repository."""
        return f"{self.repository}/blob/{self.branch}/{path}"


def read_addresses(root: Path) -> Addresses:
    """Read the addresses from ``_config.yml``.

    Raises:
        AuthoringError: the file or one of its addresses is missing.
    """
    import yaml

    try:
        config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8")) or {}
    except FileNotFoundError as error:
        raise AuthoringError(
            "the file is missing; it holds the book's address", "_config.yml"
        ) from (error)
    except yaml.YAMLError as error:
        raise AuthoringError(f"the file is not YAML: {error}", "_config.yml") from error
    try:
        book = config["html"]["baseurl"].rstrip("/")
        repository = config["repository"]["url"].rstrip("/")
    except (KeyError, TypeError, AttributeError) as error:
        raise AuthoringError(
            "html.baseurl and repository.url must be set", "_config.yml"
        ) from error
    branch = config["repository"].get("branch", "main")
    return Addresses(book, repository, branch, _source(root))


def _source(root: Path) -> str:
    contents = root / "_toc.yml"
    if not contents.is_file():
        return ""
    first = re.search(r"^root:\s*(\S+)", contents.read_text(encoding="utf-8"), re.MULTILINE)
    return "" if first and first[1].startswith("book/") else "book/"


def anchor(label: str) -> str:
    """Return the identifier that docutils gives a label: lower case, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", label.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def term_anchor(term: str) -> str:
    """Return the identifier that Sphinx gives a glossary term; it keeps capitals."""
    plain = unicodedata.normalize("NFKD", term).encode("ascii", "ignore").decode()
    return "term-" + re.sub(r"[^a-zA-Z0-9._]+", "-", plain).strip("-.")
