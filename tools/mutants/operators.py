"""What is changed: cosmic-ray's operators, a chosen few of each kind, and one of our own.

For every arithmetic sign one or two others are tried, not all eleven: a test that sees ``+`` become
``-`` sees it become ``<<`` too, and a mutant that cannot run proves nothing.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

ARITHMETIC = (
    "Add_Sub Sub_Add Mul_Add Mul_Div Div_Mul FloorDiv_Mul Mod_Add Pow_Mul BitOr_BitAnd BitAnd_BitOr"
)
COMPARISON = (
    "Eq_NotEq NotEq_Eq Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Is_IsNot IsNot_Is"
)
SIGN = "USub_UAdd Delete_Not Delete_Invert"
OTHERS = (
    "NumberReplacer AddNot ReplaceAndWithOr ReplaceOrWithAnd ReplaceTrueWithFalse"
    " ReplaceFalseWithTrue ReplaceBreakWithContinue ReplaceContinueWithBreak ZeroIterationForLoop"
)


class AugmentedAssignment(Operator):  # type: ignore[misc]
    """``+=`` for ``-=``, ``*=`` for ``+=`` and so on; cosmic-ray leaves these alone."""

    SWAPS: ClassVar = {
        "+=": "-=",
        "-=": "+=",
        "*=": "+=",
        "/=": "*=",
        "//=": "*=",
        "&=": "|=",
        "|=": "&=",
    }

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        if node.type == "operator" and node.value in self.SWAPS:
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        node.value = self.SWAPS[node.value]
        return node

    @classmethod
    def examples(cls) -> tuple[Any, ...]:
        return ()


def operators() -> dict[str, Operator]:
    """All operators in use, by name."""
    names = [f"ReplaceBinaryOperator_{pair}" for pair in ARITHMETIC.split()]
    names += [f"ReplaceComparisonOperator_{pair}" for pair in COMPARISON.split()]
    names += [f"ReplaceUnaryOperator_{pair}" for pair in SIGN.split()]
    names += OTHERS.split()
    chosen = {name: get_operator(f"core/{name}")() for name in names}
    return chosen | {"AugmentedAssignment": AugmentedAssignment()}
