"""The same models in PyTorch: conversion both ways, models for longer runs, and their training.

Needs the extra ``torch``. Nothing else in the package imports this.
"""

from course_utils.nn.pytorch.convert import from_torch, gradients_from_torch, to_torch
from course_utils.nn.pytorch.learner import TorchLearner, TruncatedBPTT
from course_utils.nn.pytorch.models import CharacterModel, ManyToOne

__all__ = [
    "CharacterModel",
    "ManyToOne",
    "TorchLearner",
    "TruncatedBPTT",
    "from_torch",
    "gradients_from_torch",
    "to_torch",
]
