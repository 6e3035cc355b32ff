"""Weights files: what is written comes back, others can read it, and damage is named."""

import json

import numpy as np
import pytest

from course_utils.nn.safetensors import KINDS, WeightsFileError, load_weights, save_weights

ARRAYS = {
    "W": np.arange(6, dtype=np.float16).reshape(2, 3),
    "b": np.array([0.5, -1.0], np.float32),
    "one": np.array(7, np.int64),
}


@pytest.fixture
def file(tmp_path):
    save_weights(tmp_path / "w.safetensors", ARRAYS, {"made by": "a test, with ünïcode"})
    return tmp_path / "w.safetensors"


def test_everything_comes_back(file):
    arrays, notes = load_weights(file)
    assert notes == {"made by": "a test, with ünïcode"}
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


def test_the_layout_is_that_of_the_format(file):
    data = file.read_bytes()
    length = int.from_bytes(data[:8], "little")
    assert length % 8 == 0
    header = json.loads(data[8 : 8 + length])
    assert header["W"] == {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}
    assert header["b"]["data_offsets"] == [12, 20]
    assert len(data) == 8 + length + 12 + 8 + 8
    assert np.frombuffer(data[8 + length :][12:20], "<f4").tolist() == [0.5, -1.0]


def test_the_same_input_gives_the_same_bytes(file, tmp_path):
    save_weights(tmp_path / "again", ARRAYS, {"made by": "a test, with ünïcode"})
    assert (tmp_path / "again").read_bytes() == file.read_bytes()


def test_memory_order_does_not_matter(tmp_path):
    save_weights(tmp_path / "f", {"W": np.asfortranarray(ARRAYS["W"])}, {})
    np.testing.assert_array_equal(load_weights(tmp_path / "f")[0]["W"], ARRAYS["W"])


def test_other_number_types_are_refused(tmp_path):
    with pytest.raises(TypeError, match=f"flag has dtype bool; wanted one of {', '.join(KINDS)}"):
        save_weights(tmp_path / "f", {"flag": np.array([True])}, {})


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_weights(tmp_path / "none")


@pytest.mark.parametrize(
    "damage", [lambda d: d[:-1], lambda d: d[:20], lambda d: b"", lambda d: b"x" * 50]
)
def test_damage_is_named(file, damage):
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(WeightsFileError, match=r"w\.safetensors is no whole safetensors file"):
        load_weights(file)


def test_another_file_is_named(file):
    file.write_bytes(b"x" * 50)
    with pytest.raises(WeightsFileError):
        load_weights(file)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F8", "shape": [1], "data_offsets": [0, 1]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
        {"dtype": "F32", "shape": [1]},
        7,
    ],
)
def test_a_header_that_promises_too_much_is_refused(tmp_path, entry):
    text = json.dumps({"W": entry}).encode()
    (tmp_path / "f").write_bytes(len(text).to_bytes(8, "little") + text + b"1234")
    with pytest.raises(WeightsFileError):
        load_weights(tmp_path / "f")
