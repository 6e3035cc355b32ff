"""Objects that lie: none of their methods is ever called, and none of them passes."""

import numpy as np
import pytest

from course_utils import checks
from course_utils.checks import objects

CALLED = []
SPECIAL = [
    *("__eq__", "__ne__", "__lt__", "__gt__", "__bool__", "__len__", "__iter__", "__getitem__"),
    *("__array__", "__array_ufunc__", "__array_function__", "__array_wrap__"),
    *("__array_finalize__", "__array_interface__", "__array_struct__", "__array_priority__"),
    *("__float__", "__int__", "__index__", "__abs__", "__sub__", "__rsub__", "__hash__"),
    *("__repr__", "__str__", "__format__", "__getattr__", "__getattribute__"),
    *("__copy__", "__deepcopy__", "__reduce__"),
]


def trap(name):
    def method(self, *args, **kwargs):
        CALLED.append(name)
        return True

    return method


def liar(*bases):
    """A class every special method of which is recorded."""
    methods = {name: trap(name) for name in SPECIAL if not (bases and name == "__getattribute__")}
    return type("Liar", bases, methods)


def make_array():
    # A subclass whose view is made before the traps are laid, as a student's own code would.
    plain = type("Honest", (np.ndarray,), {})
    array = np.zeros((2, 3)).view(plain)
    for name in SPECIAL:
        if name != "__getattribute__":
            setattr(plain, name, trap(name))
    plain.shape = property(trap("shape"))
    plain.dtype = property(trap("dtype"))
    return array


def pretender():
    """Claims by ``__class__`` to be an array."""

    class Pretender:
        @property
        def __class__(self):
            CALLED.append("__class__")
            return np.ndarray

    return Pretender()


def with_lying_metaclass():
    class Meta(type):
        @property
        def __name__(cls):
            CALLED.append("__name__")
            return "ndarray"

        def __eq__(cls, other):
            CALLED.append("metaclass __eq__")
            return True

        def __hash__(cls):
            return hash(float)

        def __instancecheck__(cls, other):
            CALLED.append("__instancecheck__")
            return True

    return Meta("Odd", (), {})()


def object_array():
    array = np.empty((2, 3), dtype=object)
    for place in np.ndindex(array.shape):
        array[place] = type("Silent", (), {"__eq__": trap("__eq__"), "__float__": trap("float")})()
    return array


HOSTILE = {
    "equal to everything": lambda: liar()(),
    "array subclass": make_array,
    "float subclass": lambda: liar(float)(0.0),
    "int subclass": lambda: liar(int)(0),
    "list subclass": lambda: liar(list)([0.0] * 3),
    "dict subclass": lambda: liar(dict)(a=1),
    "str subclass": lambda: liar(str)("a"),
    "pretender": pretender,
    "lying metaclass": with_lying_metaclass,
    "object array": object_array,
    "list of liars": lambda: [[liar()()] * 3] * 2,
}


@pytest.fixture(autouse=True)
def nothing_called_yet():
    CALLED.clear()


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize(
    "check",
    [
        lambda got: checks.array(got, np.ones((2, 3))),
        lambda got: checks.number(got, 1.0),
        lambda got: checks.integer(got, 1),
        lambda got: checks.text(got, "b"),
        lambda got: checks.choice(got, ("a", "b"), want="b"),
        lambda got: checks.names(got, ("a", "b")),
        lambda got: checks.arrays(got, {"a": np.ones(1)}),
        lambda got: checks.sequence(got, 5),
        lambda got: checks.form(got, (7, None)),
        lambda got: checks.array(checks.call(lambda: got), np.ones((2, 3))),
    ],
    ids=[
        "array",
        "number",
        "integer",
        "text",
        "choice",
        "names",
        "arrays",
        "sequence",
        "form",
        "call",
    ],
)
def test_no_method_is_called_and_nothing_passes(kind, check):
    hostile = HOSTILE[kind]()
    CALLED.clear()
    with pytest.raises(checks.CheckFailed):
        check(hostile)
    assert CALLED == []


def test_a_hostile_key_is_never_looked_up():
    class Key:
        def __hash__(self):
            CALLED.append("hash")
            return hash("W")

        def __eq__(self, other):
            CALLED.append("eq")
            return True

    weights = {Key(): np.eye(2)}
    CALLED.clear()
    with pytest.raises(checks.CheckFailed, match="the key 'W' is missing"):
        checks.names(checks.call(lambda: weights), ("W",))
    assert CALLED == []


def test_an_exception_that_prints_lies():
    class OddError(ValueError):
        def __str__(self):
            CALLED.append("str")
            return "lie"

    def refuse():
        raise OddError("truth")

    assert checks.raises(refuse) == "truth"
    assert CALLED == []


def test_an_array_subclass_is_read_by_its_numbers():
    array = make_array()
    np.testing.assert_array_equal(checks.array(array, np.zeros((2, 3))), np.zeros((2, 3)))
    assert CALLED == []


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_is_an_array():
    checks.array(np.asmatrix(np.eye(2)), np.eye(2))


def test_huge_things_are_refused_without_being_read():
    right = np.zeros((2, 3))
    endless = (n for n in iter(int, 1))
    deep = []
    deep.append(deep)
    wide = [[0.0] * 1000] * 1_000_000
    for huge in (endless, deep, wide, [wide], [np.broadcast_to(0.0, (10**6, 10**6))] * 2):
        with pytest.raises(checks.CheckFailed):
            checks.array(huge, right)
    with pytest.raises(checks.CheckFailed, match=r"got shape \(1000000, 1000000\)"):
        checks.array(np.broadcast_to(0.0, (10**6, 10**6)), right)


def test_a_list_that_holds_itself_survives_a_call():
    knot = []
    knot.append(knot)
    with pytest.raises(checks.CheckFailed):
        checks.array(checks.call(lambda: knot), np.zeros(1))


def test_a_tensor_subclass_and_a_sparse_tensor_are_refused(torch):
    class Odd(torch.Tensor):
        @classmethod
        def __torch_function__(cls, *args, **kwargs):
            CALLED.append("__torch_function__")
            return torch.ones(2)

    with pytest.raises(checks.CheckFailed, match="an object of type Odd came"):
        checks.array(torch.ones(2).as_subclass(Odd), np.ones(2))
    assert CALLED == []
    with pytest.raises(checks.CheckFailed, match="a tensor came that is no plain array"):
        checks.array(torch.eye(2).to_sparse(), np.eye(2))


def test_a_fake_torch_module_gains_nothing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", object())
    with pytest.raises(checks.CheckFailed, match="an object of type object came"):
        checks.array(object(), np.ones(2))


def test_descriptions_have_bounded_length():
    for value in ("x" * 10**6, 10**4000, ["y"] * 10**6, np.zeros(3)):
        assert len(objects.describe(value)) < 100
