"""Files are replaced whole or stay as they were."""

import pytest

from course_utils.nn.files import replacing


def test_a_file_is_replaced_and_its_folder_made(tmp_path):
    path = tmp_path / "new" / "weights.bin"
    for data in (b"first", b"second"):
        with replacing(path) as file:
            file.write(data)
        assert path.read_bytes() == data
        assert list(path.parent.iterdir()) == [path]


def test_what_breaks_off_leaves_the_old_file(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"first")
    with pytest.raises(TypeError, match="bytes-like"), replacing(path) as file:
        file.writelines([b"sec", "ond"])
    assert path.read_bytes() == b"first"
