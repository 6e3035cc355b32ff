"""Networks made of networks: layers stacked on each other, and one read in each direction.

Both take the forward and backward functions of a layer, ``rnn_forward`` and ``rnn_backward`` or any
pair with the same manners, and have those manners themselves, so that they nest:

    forward(x, params, *state, mask=mask, **options) -> (h, …, tape)
    backward(dh, tape) -> (dparams, dx, *dstate)

A layer's *state* is a tuple: ``(h_0,)`` for an RNN, ``(h_0, c_0)`` for an LSTM.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from course_utils.nn.arguments import Array, check_kind

State = tuple[Array, ...]


@dataclass(frozen=True)
class StackedTape:
    """The tapes of all layers, the lowest first."""

    layers: tuple[Any, ...]

    @property
    def final_state(self) -> tuple[State, ...]:
        """One state a layer, the lowest first."""
        return tuple(tape.final_state for tape in self.layers)


def stacked_forward(
    x: Array,
    layers: Sequence[Any],
    states: Sequence[State] | None = None,
    *,
    forward: Callable[..., Any],
    **options: Any,
) -> tuple[Array, StackedTape]:
    """Each layer reads the states of the layer below: ``x (T, B, D)`` -> top ``h (T, B, H)``, tape.

    ``layers`` are the parameters of each layer, the lowest first; ``states`` the initial state of
    each (zeros if not given); ``options`` go to every layer's ``forward``.
    Raises ValueError if there is no layer or not one state a layer.
    """
    if not layers:
        raise ValueError("stacked_forward: layers is empty; wanted the parameters of each layer.")
    states = ((),) * len(layers) if states is None else states
    if len(states) != len(layers):
        raise ValueError(
            f"stacked_forward: states has {len(states)} entries; wanted {len(layers)}, one a layer."
        )
    tapes = []
    for params, state in zip(layers, states, strict=True):
        x, *_, tape = forward(x, params, *state, **options)
        tapes.append(tape)
    return x, StackedTape(tuple(tapes))


def stacked_backward(
    dh: Array, tape: StackedTape, *, backward: Callable[..., Any]
) -> tuple[list[Any], Array, list[State]]:
    """From the top ``dh (T, B, H)`` to each layer's gradients, ``dx`` and each ``dstate``."""
    check_kind("stacked_backward", "tape", tape, StackedTape)
    dlayers, dstates = [], []
    for layer in reversed(tape.layers):
        dparams, dh, *dstate = backward(dh, layer)
        dlayers.append(dparams)
        dstates.append(tuple(dstate))
    return dlayers[::-1], dh, dstates[::-1]


@dataclass(frozen=True)
class BidirectionalParams:
    """One set of parameters that reads forwards in time, and one that reads backwards."""

    forwards: Any
    backwards: Any


@dataclass(frozen=True)
class BidirectionalTape:
    """The tapes of both directions."""

    forwards: Any
    backwards: Any

    @property
    def final_state(self) -> tuple[State, State]:
        """The last state of each reading: at ``t = T`` forwards, at ``t = 1`` backwards."""
        return self.forwards.final_state, self.backwards.final_state


def bidirectional_forward(
    x: Array,
    params: BidirectionalParams,
    state: State = (),
    state_backwards: State = (),
    *,
    forward: Callable[..., Any],
    mask: Array | None = None,
    **options: Any,
) -> tuple[Array, BidirectionalTape]:
    """Read both ways and lay the states side by side: ``x (T, B, D)`` -> ``(T, B, 2H)``, tape.

    ``state`` is where the forward reading starts, before ``x_1``; ``state_backwards`` where the
    backward reading starts, after ``x_T``. At every step ``h[..., :H]`` has seen the past and
    ``h[..., H:]`` the future, each including the present. Masked steps at the end cost the backward
    reading nothing: it carries its first state over them.
    """
    check_kind("bidirectional_forward", "params", params, BidirectionalParams)
    run = partial(forward, **options)
    mask_backwards = None if mask is None else mask[::-1]
    ahead, *_, tape = run(x, params.forwards, *state, mask=mask)
    back, *_, tape_backwards = run(x[::-1], params.backwards, *state_backwards, mask=mask_backwards)
    h = np.concatenate([ahead, back[::-1]], axis=-1)
    return h, BidirectionalTape(tape, tape_backwards)


def bidirectional_backward(
    dh: Array, tape: BidirectionalTape, *, backward: Callable[..., Any]
) -> tuple[BidirectionalParams, Array, State, State]:
    """From ``dh (T, B, 2H)`` to both sets of gradients, ``dx`` and both ``dstate``."""
    check_kind("bidirectional_backward", "tape", tape, BidirectionalTape)
    H = dh.shape[-1] // 2
    dforwards, dx, *dstate = backward(dh[..., :H], tape.forwards)
    dbackwards, dx_reversed, *dstate_backwards = backward(dh[::-1, :, H:], tape.backwards)
    dparams = BidirectionalParams(dforwards, dbackwards)
    return dparams, dx + dx_reversed[::-1], tuple(dstate), tuple(dstate_backwards)
