"""The sample book, built once for all tests of this folder, and a browser to open pages in."""

import fcntl
import json
import os

import pytest
from playwright.sync_api import sync_playwright
from sample_book import Built, build, sample_book

from course_utils import doctor

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
    """The sample book as it should be; pytest's processes side by side build it once."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "site"
    place.mkdir(exist_ok=True)
    ended = place / "ended.json"
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ended.exists():
            built = build(sample_book(place / "sample"))
            ended.write_text(json.dumps([built.said, built.status]), encoding="utf-8")
    return Built(place / "sample", *json.loads(ended.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def browser():
    path = doctor.browser()
    if path is None:
        pytest.fail(
            "the browser tests need chromium or google-chrome, and none runs here:"
            " apt install chromium (on Ubuntu: Google Chrome's own package)",
            pytrace=False,
        )
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()
