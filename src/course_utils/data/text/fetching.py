"""One file over HTTP, taken up again where a transfer broke off."""

from __future__ import annotations

import json
import time
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from course_utils.data.text.loading import TextSourceError

CHUNK = 1 << 16


def fetch(address: str, path: Path, attempts: int, timeout: float, most_bytes: int) -> None:
    """Bring the file at an http or https `address` to `path`, whole or not at all.

    What a broken transfer left lies beside it as `.part`, with the server's mark (a strong ETag)
    of the file it belongs to; the next attempt, now or in a later run, asks for the rest.

    Raises
    ------
    TextSourceError
        If the server refuses, all `attempts` fail, or the file has more than `most_bytes`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    reason = ""
    for attempt in range(attempts):
        if attempt:
            time.sleep(min(0.1 * 2**attempt, 2.0))
        try:
            _transfer(address, part, timeout, most_bytes)
        except TextSourceError:
            raise
        except HTTPError as error:
            reason = f"the server answered {error.code} {error.reason}"
            error.close()
            if error.code < 500:
                break
        except (OSError, HTTPException) as error:
            reason = str(error) or type(error).__name__
        else:
            part.replace(path)
            _note(part).unlink(missing_ok=True)
            return
    raise TextSourceError(
        f"{address} could not be fetched ({reason}) and is not in the cache {path.parent}; "
        "check the address and the network, or give a file"
    )


def _transfer(address: str, part: Path, timeout: float, most_bytes: int) -> None:
    """Bring `part` to its full length; raise if the transfer broke off."""
    have, mark = _progress(part)
    headers = {"User-Agent": "learning-to-remember", "Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": mark}
    with urlopen(Request(address, headers=headers), timeout=timeout) as answer:
        resumed = answer.status == 206 and _range_start(answer) == have
        if not resumed:
            have = 0
        length = answer.headers.get("Content-Length")
        total = None if length is None else have + int(length)
        if total is not None and total > most_bytes:
            raise TextSourceError(f"{address} has {total} bytes; at most {most_bytes} are fetched")
        _remember(part, answer)
        with part.open("ab" if resumed else "wb") as file:
            while chunk := answer.read1(CHUNK):
                have += len(chunk)
                if have > most_bytes:
                    raise TextSourceError(f"{address} sent more than {most_bytes} bytes")
                file.write(chunk)
    if total is not None and have < total:
        raise ConnectionError(f"broke off after {have} of {total} bytes")


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _progress(part: Path) -> tuple[int, str]:
    """How much of the file is here, and the mark by which the server knows it is still the same."""
    if not (part.exists() and _note(part).exists()):
        return 0, ""
    mark = json.loads(_note(part).read_text()).get("mark", "")
    return (part.stat().st_size, mark) if mark else (0, "")


def _remember(part: Path, answer: HTTPResponse) -> None:
    # A weak ETag or a bare date cannot promise the same bytes (RFC 9110, 13.1.5).
    mark = answer.headers.get("ETag", "")
    note = part.with_name(part.name + ".new")
    note.write_text(json.dumps({"mark": "" if mark.startswith("W/") else mark}))
    note.replace(_note(part))


def _range_start(answer: HTTPResponse) -> int:
    """First byte of a partial answer: `bytes 100-199/200` says 100."""
    stated = answer.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
    return int(stated) if stated.isdigit() else -1
