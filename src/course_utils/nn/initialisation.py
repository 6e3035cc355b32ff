"""Ways to draw the first weights. Where a recurrent net starts decides how far back it can learn.

Every function takes the random generator first and returns one new array.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from course_utils.nn.arguments import (
    FLOATING,
    Array,
    check_choice,
    check_dtype,
    check_finite,
    check_size,
)

Generator = np.random.Generator
RECURRENT = ("glorot", "uniform", "orthogonal", "identity")


def glorot(rng: Generator, D: int, H: int, dtype: npt.DTypeLike = np.float64) -> Array:
    """Uniform in ``±sqrt(6 / (D + H))``, shape ``(D, H)`` (Glorot and Bengio 2010, eq. 16)."""
    return _uniform(rng, D, H, np.sqrt(6 / (D + H)), dtype)


def uniform(rng: Generator, D: int, H: int, dtype: npt.DTypeLike = np.float64) -> Array:
    """Uniform in ``±1 / sqrt(H)``, shape ``(D, H)``: how ``torch.nn.RNN`` and ``LSTM`` start.

    As a recurrent matrix ``(H, H)`` its spectral radius is near ``1 / sqrt(3) = 0.58``.
    """
    return _uniform(rng, D, H, 1 / np.sqrt(H), dtype)


def orthogonal(rng: Generator, D: int, H: int, dtype: npt.DTypeLike = np.float64) -> Array:
    """A ``(D, H)`` matrix with orthonormal rows or columns, uniformly distributed.

    The QR decomposition of a Gaussian matrix, with the signs of R's diagonal moved into Q
    (Saxe, McClelland and Ganguli 2014; the sign correction is Mezzadri's, 2007).
    """
    _sizes("orthogonal", D, H)
    q, r = np.linalg.qr(rng.standard_normal((max(D, H), min(D, H))))
    q *= np.where(np.diag(r) < 0, -1.0, 1.0)
    return np.ascontiguousarray(q if D >= H else q.T, dtype=dtype)


def identity(H: int, scale: float = 1.0, dtype: npt.DTypeLike = np.float64) -> Array:
    """``scale`` times the identity ``(H, H)``, as in the IRNN of Le, Jaitly and Hinton (2015)."""
    check_size("identity", "H", H)
    return np.asarray(scale * np.eye(H), dtype=dtype)


def recurrent_matrix(
    rng: Generator, H: int, kind: str = "glorot", dtype: npt.DTypeLike = np.float64
) -> Array:
    """A recurrent matrix ``(H, H)`` of a kind in `RECURRENT`. Raises ValueError for any other."""
    check_choice("recurrent_matrix", "recurrent", kind, RECURRENT)
    if kind == "identity":
        return identity(H, dtype=dtype)
    draw = {"glorot": glorot, "uniform": uniform, "orthogonal": orthogonal}[kind]
    return draw(rng, H, H, dtype)


def chrono_bias(rng: Generator, H: int, T: int) -> Array:
    """``H`` biases ``log u``, ``u`` uniform in ``(1, T - 1)``, for gates that keep (f, GRU's z).

    A gate held at ``σ(b)`` forgets over about ``1 + exp(b)`` steps, so these spread the units over
    all spans up to ``T`` (Tallec and Ollivier 2018). Raises ValueError for ``T`` below 3.
    """
    check_size("chrono_bias", "H", H)
    check_size("chrono_bias", "T", T, least=3)
    return np.log(rng.uniform(1, T - 1, H))


def spectral_radius(W: Array) -> float:
    """The largest modulus of an eigenvalue of a square ``W``."""
    check_dtype("spectral_radius", "W", W, FLOATING)
    if W.ndim != 2 or W.shape[0] != W.shape[1]:
        raise ValueError(f"spectral_radius: W has shape {W.shape}; wanted a square (H, H).")
    check_finite("spectral_radius", "W", W)
    return float(np.abs(np.linalg.eigvals(W)).max())


def with_spectral_radius(W: Array, radius: float) -> Array:
    """``W (H, H)`` rescaled to the given spectral radius. Raises ValueError if its own is 0."""
    now = spectral_radius(W)
    if not radius >= 0:
        raise ValueError(f"with_spectral_radius: radius is {radius}; wanted at least 0.")
    if now == 0:
        raise ValueError(
            "with_spectral_radius: W has no eigenvalue but 0; no scale can change that."
        )
    return np.asarray(W * np.asarray(radius / now, dtype=W.dtype))


def _uniform(rng: Generator, D: int, H: int, bound: Any, dtype: npt.DTypeLike) -> Array:
    _sizes("an initialisation", D, H)
    return rng.uniform(-bound, bound, (D, H)).astype(dtype)


def _sizes(where: str, D: int, H: int) -> None:
    check_size(where, "D", D)
    check_size(where, "H", H)
