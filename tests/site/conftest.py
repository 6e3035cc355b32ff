"""The sample book, built once for all tests of this folder."""

import pytest
from sample_book import Built, build, sample_book


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sample book as it should be."""
    return build(sample_book(tmp_path_factory.mktemp("site") / "sample"))
