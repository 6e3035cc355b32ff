"""The sample book, built once for all tests of this folder, and a browser to open pages in."""

import shutil

import pytest
from playwright.sync_api import sync_playwright
from sample_book import Built, build, sample_book

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sample book as it should be."""
    return build(sample_book(tmp_path_factory.mktemp("site") / "sample"))


@pytest.fixture(scope="session")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("chromium is not installed; browser tests need it: apt install chromium")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()
