"""Self-check questions: one ``<details>`` a choice, so that they need no script and no mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from course_utils.authoring.errors import AuthoringError
from course_utils.authoring.selfcheck import VERDICTS, Choice, read_question
from course_utils.authoring.sphinx.labels import label
from course_utils.authoring.text import Directive

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


class Details(nodes.General, nodes.Element):
    """A choice and what opens below it."""


class Summary(nodes.General, nodes.TextElement):
    """The choice itself."""


class SelfCheck(SphinxDirective):
    """A question whose choices each open their own explanation."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {"label": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Build the question; one that cannot be read is a warning at its line."""
        source, line = self.get_source_info()
        directive = Directive(
            "selfcheck",
            self.arguments[0],
            self.options,
            "\n".join(self.content),
            line,
            self.lineno + self.content_offset + 1,
        )
        try:
            question = read_question(directive, source)
        except AuthoringError as error:
            logger.warning("%s", error.message, location=(self.env.docname, error.line))
            return []
        box = nodes.container("", classes=["selfcheck"])
        self.set_source_info(box)
        if "label" in self.options:
            label(self, box, self.options["label"], question.question)
        box += self._line(question.question, line, "selfcheck-question")
        if question.lead:
            self._parse(question.lead, question.lead_line, box)
        box += [self._choice(choice) for choice in question.choices]
        return [box]

    def _choice(self, choice: Choice) -> Details:
        option, _ = self.state.inline_text(choice.option, choice.line - 1)
        details = Details("", Summary("", "", *option))
        details["classes"] = ["right" if choice.correct else "wrong"]
        answer = nodes.container("", classes=["selfcheck-answer"])
        verdict = VERDICTS[choice.correct]
        self._parse(f"**{verdict}** {choice.explanation}", choice.explanation_line, answer)
        details += answer
        return details

    def _line(self, text: str, line: int, name: str) -> nodes.paragraph:
        inline, _ = self.state.inline_text(text, line - 1)
        return nodes.paragraph(text, "", *inline, classes=[name])

    def _parse(self, text: str, line: int, parent: nodes.Element) -> None:
        content = StringList(text.split("\n"), self.env.docname)
        self.state.nested_parse(content, line - 1 - self.lineno, parent)


def setup(app: Sphinx) -> None:
    """Register the directive and its two nodes; builders other than HTML show their text."""
    through = (lambda self, node: None, lambda self, node: None)
    app.add_node(Details, html=(_open_details, _close_details), latex=through, text=through)
    app.add_node(Summary, html=(_open_summary, _close_summary), latex=through, text=through)
    app.add_directive("selfcheck", SelfCheck)


def _open_details(self: HTML5Translator, node: Details) -> None:
    self.body.append(self.starttag(node, "details"))


def _close_details(self: HTML5Translator, node: Details) -> None:
    self.body.append("</details>\n")


def _open_summary(self: HTML5Translator, node: Summary) -> None:
    self.body.append("<summary>")


def _close_summary(self: HTML5Translator, node: Summary) -> None:
    self.body.append("</summary>\n")
