"""What tests of every room share: no clock decides, and the absence of PyTorch is said once."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

# On a busy machine generated examples are slow, and that is all.
settings.register_profile("course", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")

# The reason of every skip for want of PyTorch; a module that imports it at the top gives it too:
# pytest.importorskip("torch", reason="PyTorch is absent").
ABSENT = "PyTorch is absent"


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """PyTorch; a test that asks for it is not run where it is absent."""
    return pytest.importorskip("torch", reason=ABSENT)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """End with one line on what was not run for want of PyTorch."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    without = [report for report in skipped if ABSENT in str(report.longrepr)]
    if without:
        whole = sum(isinstance(report, pytest.CollectReport) for report in without)
        terminalreporter.write_line(
            f"{ABSENT}: {len(without) - whole} tests and {whole} whole test files"
            " that need it were not run."
        )
