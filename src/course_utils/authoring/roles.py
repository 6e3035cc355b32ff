"""Inline roles in plain Markdown: references as text with a link, glued values filled in."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote

from course_utils.authoring.addresses import anchor, term_anchor
from course_utils.authoring.book import Book, Target
from course_utils.authoring.errors import AuthoringError

COUNTED = {"figure": "Figure", "table": "Table", "list-table": "Table"}
MADE_FOLDERS = ("notebooks/", "solutions/", "exercises/")


@dataclass(frozen=True)
class Place:
    """Where a role stands, and what it may refer to: the book and the values its page glued."""

    path: str
    line: int
    book: Book
    values: Mapping[str, str]

    def error(self, message: str) -> AuthoringError:
        """Return an error that points here."""
        return AuthoringError(message, self.path, self.line)

    def unknown(self, kind: str, name: str, known: Iterable[str], remedy: str) -> AuthoringError:
        """Return the error for a name that nothing in the book carries."""
        close = difflib.get_close_matches(name, list(known), n=1)
        hint = f"; did you mean {close[0]!r}?" if close else f"; {remedy}"
        return self.error(f"unknown {kind} {name!r}{hint}")

    def target(self, label: str) -> Target:
        """Return what a label stands for."""
        targets = self.book.targets
        if label not in targets:
            raise self.unknown("label", label, targets, f"nothing in book/ carries ({label})=")
        return targets[label]

    def address(self, target: Target, label: str) -> str:
        """Return the published address of a labelled thing."""
        prefix = "equation-" if target.kind == "equation" else ""
        return self.book.addresses.page(target.page, prefix + anchor(label))


def render_role(name: str, content: str, place: Place) -> str:
    """Return plain Markdown for one role.

    Raises:
        AuthoringError: the role is not one of the course's, or it names nothing that exists.
    """
    if name not in ROLES:
        raise place.unknown("role", name, ROLES, f"the course uses {', '.join(ROLES)}")
    return ROLES[name](" ".join(content.split()), place)


def link_address(href: str, place: Place) -> str | None:
    """Return the published address behind a Markdown link, or None if it is one already."""
    if re.match(r"[a-zA-Z][\w+.-]*:", href) or href.startswith("//"):
        return None
    path, _, fragment = unquote(href).partition("#")
    if not path or (re.fullmatch(r"[\w-]+", path) and path in place.book.targets):
        label = fragment or path
        return place.address(place.target(label), label)
    name = _below_root(path, place)
    if name.endswith(".md"):
        if name not in place.book.pages:
            raise place.unknown("page", path, place.book.pages, f"{name} does not exist")
        label = anchor(fragment) if fragment in place.book.targets else fragment
        return place.book.addresses.page(name, label)
    if not name.startswith(MADE_FOLDERS) and not (place.book.root / name).exists():
        raise place.error(f"the link leads to {name}, which does not exist")
    return place.book.addresses.file(name) + (f"#{fragment}" if fragment else "")


def _below_root(path: str, place: Place) -> str:
    folder = PurePosixPath(place.path).parent
    if path.startswith("/"):
        folder, path = PurePosixPath(place.book.addresses.source or "."), path.lstrip("/")
    name = normpath(str(folder / path))
    if name.startswith(".."):
        raise place.error(f"the link {path} leads out of the repository")
    return name


def _split(content: str) -> tuple[str, str]:
    """Split ``text <target>`` into both; the text is empty if there is none."""
    found = re.fullmatch(r"(.*?)\s*<([^<>]+)>", content)
    return (found[1], found[2].strip()) if found else ("", content)


def _glue(content: str, place: Place) -> str:
    from myst_nb.core.variables import format_plain_text

    name, colon, form = content.partition(":")
    if colon:
        raise place.error(
            f"the value {name!r} is quoted as {form!r}; its cell writes the digits: "
            f'glue({name}=f"{{…:{form}}}"), and the prose quotes {{glue:text}}`{name}`'
        )
    if name not in place.values:
        raise place.unknown("value", name, place.values, "no cell above glues a value so called")
    return format_plain_text(place.values[name], "")


def _equation(content: str, place: Place) -> str:
    target = place.target(content)
    if target.kind != "equation":
        raise place.error(f"{content!r} labels no equation; use {{ref}}")
    number = f"({target.number})"
    return number if target.page == place.path else f"[{number}]({place.address(target, content)})"


def _ref(content: str, place: Place) -> str:
    text, label = _split(content)
    target = place.target(label)
    text = text or target.title
    if not text:
        raise place.error(f"{label!r} has no title; write {{ref}}`text <{label}>`")
    return f"[{text}]({place.address(target, label)})"


def _numref(content: str, place: Place) -> str:
    text, label = _split(content)
    target = place.target(label)
    if target.kind not in COUNTED or not target.number:
        raise place.error(f"{label!r} labels no figure or table with a caption; use {{ref}}")
    text = (text or f"{COUNTED[target.kind]} %s").replace("{number}", "%s")
    return f"[{text.replace('%s', str(target.number))}]({place.address(target, label)})"


def _doc(content: str, place: Place) -> str:
    text, path = _split(content)
    name = _below_root(path.removesuffix(".md") + ".md", place)
    if name not in place.book.pages:
        raise place.unknown("page", path, place.book.pages, f"{name} does not exist")
    return f"[{text or place.book.pages[name].title}]({place.book.addresses.page(name)})"


def _term(content: str, place: Place) -> str:
    text, term = _split(content)
    found = place.book.terms.get(term.lower())
    if found is None:
        raise place.unknown("term", term, place.book.terms, "add it to book/glossary.md")
    page, written = found
    return f"[{text or term}]({place.book.addresses.page(page, term_anchor(written))})"


def _cite(form: str) -> Callable[[str, Place], str]:
    def cite(content: str, place: Place) -> str:
        works = []
        for key in (part.strip() for part in content.split(",")):
            if key not in place.book.citations:
                raise place.unknown(
                    "citation", key, place.book.citations, "add it to book/references.bib"
                )
            work = place.book.citations[key]
            works.append(form.format(authors=work.authors, year=work.year))
        address = place.book.addresses.page(place.book.bibliography_page)
        text = f"[{'; '.join(works)}]({address})"
        return f"({text})" if "(" not in form else text

    return cite


def _download(content: str, place: Place) -> str:
    text, path = _split(content)
    return f"[{text or PurePosixPath(path).name}]({link_address(path, place)})"


def _abbreviation(content: str, place: Place) -> str:
    found = re.fullmatch(r"(.+?)\s*\((.+)\)", content)
    if not found:
        raise place.error("write {abbr}`SHORT (what it stands for)`")
    return f'<abbr title="{found[2]}">{found[1]}</abbr>'


def _wrapped(before: str, after: str) -> Callable[[str, Place], str]:
    return lambda content, place: f"{before}{content}{after}"


ROLES: dict[str, Callable[[str, Place], str]] = {
    "glue:text": _glue,
    "eq": _equation,
    "ref": _ref,
    "numref": _numref,
    "doc": _doc,
    "term": _term,
    "cite:t": _cite("{authors} ({year})"),
    "cite:p": _cite("{authors}, {year}"),
    "download": _download,
    "abbr": _abbreviation,
    "math": _wrapped("$", "$"),
    "code": _wrapped("`", "`"),
    "sub": _wrapped("<sub>", "</sub>"),
    "sup": _wrapped("<sup>", "</sup>"),
    "kbd": _wrapped("<kbd>", "</kbd>"),
}
