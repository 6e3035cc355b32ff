"""Texts from files and addresses, against a real server on this machine that can misbehave."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from course_utils.data.text import TextSourceError, load_text

TEXT = "".join(f"line {n}: Ünïcode and plain\n" for n in range(4000))
DATA = TEXT.encode()
DIGEST = hashlib.sha256(DATA).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves DATA; the server's `plan` says how each request in turn is treated."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.requests.append(dict(self.headers))
        act = server.plan.pop(0) if server.plan else "whole"
        if act.isdigit():
            self.send_error(int(act))
            return
        start = 0
        wanted = self.headers.get("Range")
        same = self.headers.get("If-Range") == server.etag
        if wanted and same and act != "ignore range":
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        body = server.data[start:]
        self.send_response(206 if start else 200)
        if server.etag:
            self.send_header("ETag", server.etag)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(server.data) - 1}/*")
        if act != "no length":
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if act == "break off" else body)
        self.close_connection = True

    def log_message(self, *_):
        """Keep the test's output quiet."""


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.plan, made.requests = [], []
        made.data, made.etag = DATA, '"one"'
        made.address = f"http://127.0.0.1:{made.server_address[1]}/texts/a%20text.txt"
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_a_file_is_read(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(DATA)
    assert load_text(path) == TEXT
    assert load_text(str(path), sha256=DIGEST.upper()) == TEXT


def test_an_address_is_fetched_once_and_then_read_without_a_network(server, tmp_path):
    assert load_text(server.address, sha256=DIGEST, cache=tmp_path) == TEXT
    server.plan = ["500"] * 9
    assert load_text(server.address, sha256=DIGEST, cache=tmp_path) == TEXT
    assert len(server.requests) == 1
    assert [path.name.partition("-")[2] for path in tmp_path.iterdir()] == ["a_20text.txt"]


def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(server, tmp_path):
    server.plan = ["break off", "break off"]
    assert load_text(server.address, cache=tmp_path) == TEXT
    first, second = len(DATA) // 2, len(DATA) // 2 + (len(DATA) - len(DATA) // 2) // 2
    asked = [request.get("Range") for request in server.requests]
    assert asked == [None, f"bytes={first}-", f"bytes={second}-"]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_later_run_takes_up_what_an_earlier_one_left(server, tmp_path):
    server.plan = ["break off"]
    with pytest.raises(TextSourceError, match="broke off after"):
        load_text(server.address, cache=tmp_path, attempts=1)
    assert load_text(server.address, cache=tmp_path) == TEXT
    assert server.requests[1]["Range"] == f"bytes={len(DATA) // 2}-"


def test_a_file_that_changed_meanwhile_is_fetched_afresh(server, tmp_path):
    server.plan = ["break off"]
    with pytest.raises(TextSourceError):
        load_text(server.address, cache=tmp_path, attempts=1)
    server.data, server.etag = b"something else", '"two"'
    assert load_text(server.address, cache=tmp_path) == "something else"


@pytest.mark.parametrize("etag", ["", 'W/"one"'])
def test_without_a_strong_mark_nothing_is_patched_together(server, tmp_path, etag):
    server.etag, server.plan = etag, ["break off"]
    assert load_text(server.address, cache=tmp_path) == TEXT
    assert [request.get("Range") for request in server.requests] == [None, None]


def test_a_server_that_cannot_resume_is_read_from_the_start(server, tmp_path):
    server.plan = ["break off", "ignore range"]
    assert load_text(server.address, cache=tmp_path) == TEXT


def test_a_server_that_states_no_length_is_read_to_its_end(server, tmp_path):
    server.plan = ["no length"]
    assert load_text(server.address, sha256=DIGEST, cache=tmp_path) == TEXT


def test_a_passing_fault_is_tried_again_and_a_refusal_is_not(server, tmp_path):
    server.plan = ["503"]
    assert load_text(server.address, cache=tmp_path) == TEXT
    server.plan, server.requests = ["404"], []
    with pytest.raises(TextSourceError, match="answered 404 Not Found"):
        load_text(server.address + "x", cache=tmp_path)
    assert len(server.requests) == 1


def test_a_wrong_hash_is_refused_and_not_kept(server, tmp_path):
    with pytest.raises(TextSourceError, match=f"sha256 is {DIGEST}.*cached copy was removed"):
        load_text(server.address, sha256="0" * 64, cache=tmp_path)
    assert not list(tmp_path.iterdir())
    path = tmp_path / "mine.txt"
    path.write_bytes(DATA)
    with pytest.raises(TextSourceError, match="not the text that was wanted"):
        load_text(path, sha256="0" * 64)
    assert path.exists()


def test_too_much_is_refused_whether_announced_or_not(server, tmp_path):
    with pytest.raises(TextSourceError, match="at most 1000 are fetched"):
        load_text(server.address, cache=tmp_path, most_bytes=1000)
    server.plan = ["no length"]
    with pytest.raises(TextSourceError, match="more than 1000 bytes"):
        load_text(server.address, cache=tmp_path, most_bytes=1000)
    path = tmp_path / "mine.txt"
    path.write_bytes(DATA)
    with pytest.raises(TextSourceError, match="at most 1000 are read"):
        load_text(path, most_bytes=1000)


def test_without_a_network_and_without_a_cache_it_says_what_to_do(tmp_path):
    with pytest.raises(TextSourceError, match=r"is not in the cache .*; check the address"):
        load_text("http://127.0.0.1:9/text.txt", cache=tmp_path, attempts=1)


def test_the_cache_of_the_user_is_the_default(server, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    load_text(server.address)
    assert len(list((tmp_path / "learning-to-remember").iterdir())) == 1


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"sha256": "abc"}, ValueError, "sha256 must be 64 hexadecimal digits; got 'abc'"),
        ({"attempts": 0}, ValueError, "attempts must be"),
        ({"timeout": 0}, ValueError, "timeout must be a finite number above 0"),
        ({"encoding": "ascii"}, TextSourceError, "not a text in ascii: byte .* its encoding"),
    ],
)
def test_bad_arguments_are_named(tmp_path, settings, error, message):
    path = tmp_path / "text.txt"
    path.write_bytes(DATA)
    with pytest.raises(error, match=message):
        load_text(path, **settings)


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(TextSourceError, match=r"there is no file .*missing.txt"):
        load_text(tmp_path / "missing.txt")
    with pytest.raises(TextSourceError, match="cannot be read"):
        load_text(tmp_path)
