"""Lanes: settings under which this machine computes as other machines do.

A sum comes out differently in its last bits where a processor adds more numbers at a time, and a
training carries such a bit into digits that a page prints. Each lane sets the switches by which
OpenBLAS, NumPy, PyTorch, oneDNN and MKL choose their code for a processor, so that what would be
stored can be compared between processors that nobody has at hand. Switches and their values:
OpenBLAS's ``OPENBLAS_CORETYPE``, NumPy's ``NPY_DISABLE_CPU_FEATURES``, PyTorch's
``ATEN_CPU_CAPABILITY``, oneDNN's ``ONEDNN_MAX_CPU_ISA``, MKL's ``MKL_CBWR``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from course_utils.authoring.errors import UsageError

SWITCHES = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA",
    "DNNL_MAX_CPU_ISA",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
)
"""Every variable that decides how a machine computes; a lane sets or removes each of them."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Lane:
    """One way to compute.

    Attributes:
        name: the word by which people choose it.
        stands_for: the machines that compute like this.
        settings: the switches that are set; all others are removed.
        needs: the features that the processor must have.
        vectors: the widest vector instructions that NumPy may use: 128, 256 or 512 bits.
        cores: the kernels of OpenBLAS that the lane must end up with; empty for any.
        threads: threads of the linear algebra.
    """

    name: str
    stands_for: str
    settings: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    vectors: int = 512
    cores: tuple[str, ...] = ()
    threads: int = 1


_SSE = {
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_CBWR": "COMPATIBLE",
}
_AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "AVX2",
}
LANES = (
    Lane("widest", "this machine with nothing switched off"),
    Lane(
        "narrowest",
        "a processor of 2008, or an emulator",
        {"OPENBLAS_CORETYPE": "Prescott", **_SSE},
        vectors=128,
        # OpenBLAS's kernels for Prescott carry an older name in some builds.
        cores=("Prescott", "Katmai", "Core2", "Nehalem"),
    ),
    Lane(
        "haswell",
        "Intel without AVX-512, from 2013 on",
        {"OPENBLAS_CORETYPE": "Haswell", **_AVX2},
        needs=("AVX2", "FMA3"),
        vectors=256,
        cores=("Haswell",),
    ),
    Lane(
        "zen",
        "AMD until Zen 3; MKL as it chooses itself",
        {"OPENBLAS_CORETYPE": "Zen", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
        needs=("AVX2", "FMA3"),
        vectors=256,
        cores=("Zen", "Haswell"),
    ),
    Lane(
        "skylakex",
        "Intel servers from 2017 on",
        {"OPENBLAS_CORETYPE": "SkylakeX", "MKL_CBWR": "AVX512"},
        needs=("AVX512F", "AVX512BW", "AVX512VL"),
        cores=("SkylakeX",),
    ),
    Lane(
        "mixed",
        "old linear algebra beside new vector code, as in some Linux distributions",
        {"OPENBLAS_CORETYPE": "Prescott", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"},
        cores=("Prescott", "Katmai", "Core2", "Nehalem"),
    ),
    Lane("two-threads", "the same as widest, with two threads", threads=2),
)
BY_NAME = {lane.name: lane for lane in LANES}

EVERY_TIME = ("widest", "narrowest")
"""The two lanes that differ in most cells; they run whenever a text is executed or tested."""

# Says how the linear algebra and the vector code of a fresh process were chosen.
_PROBE = """
import json, sys
import numpy as np
np.ones((8, 8)) @ np.ones((8, 8))
core = np._core if hasattr(np, "_core") else np.core
features = core._multiarray_umath.__cpu_features__
found = {
    "dispatched": list(core._multiarray_umath.__cpu_dispatch__),
    "features": [name for name, on in features.items() if on],
    "core": None,
    "torch": None,
}
from threadpoolctl import threadpool_info
cores = [each["architecture"] for each in threadpool_info() if "architecture" in each]
found["core"] = cores[0] if cores else None
if "torch" in sys.argv:
    try:
        import torch
        found["torch"] = torch.backends.cpu.get_cpu_capability()
    except ImportError:
        pass
print(json.dumps(found))
"""
# Beginnings of the names under which NumPy dispatches wider code than so many bits.
_WIDER = {
    128: ("AVX", "F16C", "FMA", "X86_V3", "X86_V4"),
    256: ("AVX512", "X86_V4"),
    512: (),
}


def choose(names: Iterable[str]) -> list[Lane]:
    """Return the lanes of these names, all of them for none or for ``all``.

    Raises:
        UsageError: a name is no lane's.
    """
    names = list(names)
    if not names or names == ["all"]:
        return list(LANES)
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise UsageError(f"unknown lane {unknown[0]!r}; there are {', '.join(BY_NAME)}")
    return [BY_NAME[name] for name in names]


def environment(lane: Lane, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a process that computes in this lane.

    Args:
        lane: the lane.
        base: the environment that it changes; that of this process by default.
    """
    base = os.environ if base is None else base
    kept = {name: value for name, value in base.items() if name not in SWITCHES}
    kept |= lane.settings | dict.fromkeys(THREADS, str(lane.threads))
    if off := _switched_off(lane):
        kept["NPY_DISABLE_CPU_FEATURES"] = " ".join(off)
    return kept


def why_not(lane: Lane) -> str | None:
    """Return why this machine cannot run a lane, in a few words, or None where it can."""
    machine = _machine()
    missing = [name for name in lane.needs if name not in machine["features"]]
    if missing:
        return f"this processor has no {missing[0]}"
    found = _probe(tuple(sorted(environment(lane).items())))
    if found is None:
        return "the libraries here cannot start with these settings"
    if lane.cores and found["core"] is None:
        return "this NumPy does not use OpenBLAS, whose kernels the lane chooses"
    if lane.cores and found["core"] not in lane.cores:
        return f"OpenBLAS took its kernels for {found['core']}"
    if too_wide := _wider(found, lane.vectors):
        return f"this NumPy cannot switch {too_wide[0]} off"
    return None


def describe(lane: Lane) -> str:
    """Return what computes in a lane here, such as ``Haswell, NumPy AVX2, PyTorch AVX2``."""
    found = _probe(tuple(sorted(environment(lane).items())), "torch")
    if found is None:
        return "nothing"
    bits = next(bits for bits in (128, 256, 512) if not _wider(found, bits))
    numpy = {128: "SSE", 256: "AVX2", 512: "AVX-512"}[bits]
    torch = found["torch"] or "absent"
    return f"OpenBLAS {found['core'] or 'absent'}, NumPy {numpy}, PyTorch {torch}"


def _switched_off(lane: Lane) -> list[str]:
    """The features of NumPy that a lane switches off, of those that are on here."""
    return _wider(_machine(), lane.vectors)


def _wider(found: Mapping, bits: int) -> list[str]:
    """The code wider than so many bits that a NumPy dispatches."""
    on = [name for name in found["dispatched"] if name in found["features"]]
    return [name for name in on if name.startswith(_WIDER[bits])]


@cache
def _machine() -> dict:
    found = _probe(tuple(sorted((k, v) for k, v in os.environ.items() if k not in SWITCHES)))
    if found is None:
        raise UsageError("NumPy cannot be imported here; run 'make setup'")
    return found


@cache
def _probe(settings: tuple[tuple[str, str], ...], *words: str) -> dict | None:
    """What a process with these settings finds, or None if it dies (an illegal instruction)."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *words],
        env=dict(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout) if done.returncode == 0 else None
