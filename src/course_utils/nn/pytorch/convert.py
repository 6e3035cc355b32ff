"""From PyTorch modules to our parameters and back.

PyTorch keeps every matrix transposed, ``(H, D)`` for our ``(D, H)``, and two biases where one would
do: the model sees only their sum, except for the candidate of a GRU. The order of the gates is the
same, i, f, g, o and r, z, n. NumPy arrays and tensors do not share memory.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from course_utils.nn.arguments import Array
from course_utils.nn.dense import DenseParams
from course_utils.nn.embedding import EmbeddingParams
from course_utils.nn.gru import GRUParams
from course_utils.nn.lstm import LSTMParams
from course_utils.nn.rnn import RNNParams

Read = Callable[[str], Array]


def from_torch(module: nn.Module, layer: int = 0, *, reverse: bool = False) -> Any:
    """Our parameters of an ``nn.RNN``, ``LSTM``, ``GRU``, ``Linear`` or ``Embedding``.

    ``layer`` counts the layers of a stacked module from 0, the lowest; ``reverse`` takes the
    direction that reads backwards. Raises TypeError for another module, ValueError for a layer or a
    direction that it does not have, or a projection, which our models do not have.
    """
    read = _reader(module, layer, reverse, lambda tensor: tensor.detach())
    return _params(module, read, read_b=lambda: read("bias_ih") + read("bias_hh"))


def gradients_from_torch(module: nn.Module, layer: int = 0, *, reverse: bool = False) -> Any:
    """The gradients that ``backward()`` left in a module, as `from_torch` would arrange them.

    Raises as `from_torch` does, and ValueError if a parameter has no gradient yet.
    """
    read = _reader(module, layer, reverse, _gradient)
    return _params(module, read, read_b=lambda: read("bias_ih"))


def to_torch(params: Any, *, activation: str = "tanh") -> Any:
    """A new one-layer module with these parameters and their dtype; time-major, like all of ours.

    ``activation``, for an ``nn.RNN``, is ``"tanh"`` or ``"relu"``. The whole bias goes into
    ``bias_ih``. Raises TypeError for parameters of another kind, ValueError for an activation that
    PyTorch does not have.
    """
    if isinstance(params, DenseParams):
        return _filled(nn.Linear(*params.W.shape), weight=params.W.T, bias=params.b)
    if isinstance(params, EmbeddingParams):
        return _filled(nn.Embedding(*params.E.shape), weight=params.E)
    if isinstance(params, RNNParams):
        D, H = params.W_x.shape
        if activation not in ("tanh", "relu"):
            raise ValueError(
                f"to_torch: activation is {activation!r}; PyTorch has 'tanh' and 'relu'."
            )
        return _filled_recurrent(nn.RNN(D, H, nonlinearity=activation), params, params.b * 0)
    if isinstance(params, LSTMParams):
        D, H = params.W_x.shape[0], params.W_h.shape[0]
        return _filled_recurrent(nn.LSTM(D, H), params, params.b * 0)
    if isinstance(params, GRUParams):
        D, H = params.W_x.shape[0], params.W_h.shape[0]
        b_hh = np.concatenate([np.zeros(2 * H, params.b.dtype), params.b_m])
        return _filled_recurrent(nn.GRU(D, H), params, b_hh)
    raise TypeError(
        f"to_torch: params is a {type(params).__name__}; wanted RNNParams, LSTMParams, GRUParams,"
        " DenseParams or EmbeddingParams."
    )


def _params(module: nn.Module, read: Read, read_b: Callable[[], Array]) -> Any:
    if isinstance(module, nn.Linear):
        return DenseParams(W=read("weight").T.copy(), b=read("bias"))
    if isinstance(module, nn.Embedding):
        return EmbeddingParams(E=read("weight"))
    W_x, W_h = read("weight_ih").T.copy(), read("weight_hh").T.copy()
    if isinstance(module, nn.LSTM):
        return LSTMParams(W_x=W_x, W_h=W_h, b=read_b())
    if isinstance(module, nn.GRU):
        H = module.hidden_size
        b, b_m = read_b(), read("bias_hh")[2 * H :]
        b[2 * H :] = read("bias_ih")[2 * H :]
        return GRUParams(W_x=W_x, W_h=W_h, b=b, b_m=b_m)
    return RNNParams(W_x=W_x, W_h=W_h, b=read_b())


def _reader(
    module: nn.Module, layer: int, reverse: bool, look: Callable[[torch.Tensor], torch.Tensor]
) -> Read:
    """A function that reads the parameter of a name as a new array; zeros for an absent bias."""
    suffix = ""
    if isinstance(module, nn.RNNBase):
        _check_place(module, layer, reverse)
        suffix = f"_l{layer}" + ("_reverse" if reverse else "")
    elif not isinstance(module, nn.Linear | nn.Embedding):
        raise TypeError(
            f"from_torch: module is a {type(module).__name__}; wanted nn.RNN, nn.LSTM, nn.GRU,"
            " nn.Linear or nn.Embedding."
        )

    def read(name: str) -> Array:
        tensor = getattr(module, name + suffix, None)
        if tensor is None:
            weight = read(name.replace("bias", "weight"))
            return np.zeros(weight.shape[0], weight.dtype)
        return np.array(look(tensor).cpu().numpy())

    return read


def _check_place(module: nn.RNNBase, layer: int, reverse: bool) -> None:
    if not 0 <= layer < module.num_layers:
        raise ValueError(
            f"from_torch: layer is {layer}; the module has layers 0 to {module.num_layers - 1}."
        )
    if reverse and not module.bidirectional:
        raise ValueError("from_torch: reverse is True; the module is not bidirectional.")
    if module.proj_size:
        raise ValueError("from_torch: the module has proj_size; wanted one without projection.")


def _gradient(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.grad is None:
        raise ValueError(
            "gradients_from_torch: a parameter has no gradient; call backward() first."
        )
    return tensor.grad


def _filled_recurrent(module: nn.Module, params: Any, b_hh: Array) -> nn.Module:
    return _filled(
        module,
        weight_ih_l0=params.W_x.T,
        weight_hh_l0=params.W_h.T,
        bias_ih_l0=params.b,
        bias_hh_l0=b_hh,
    )


def _filled(module: nn.Module, **arrays: Array) -> nn.Module:
    """Give the module these parameters, and their dtype."""
    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    module.to(next(iter(tensors.values())).dtype)
    module.load_state_dict(tensors)
    return module
