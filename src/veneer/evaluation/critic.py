"""An independent critic: a small network trained from scratch to tell decoded patches from originals.

How well it does on pictures that it was not trained on says how far decoded pictures are from real ones: an area under
the curve (AUC) of 0.5 is guessing, 1 is never wrong. It shares nothing with the networks of the codec or with what
those were trained against. Every comparison gets the same training, from the same seed.

Both classes are cut from arrays of pixels at the same places, so that neither content nor a file format gives a hint.
Place: `benchmarks/realism.py` calls it. Needs torch (extra `train`).
Shapes: [H, W, 3].
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats
from torch import nn
from torch.nn import functional

Pixels = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float64]

PATCH = 48
FOLDS = 3
CHANNELS = (16, 32, 48)
STEPS = 120
PAIRS = 32  # of original and decoded patch in a batch
LEARNING_RATE = 8e-3
SEED = 20


def critic_auc(originals: Sequence[Pixels], decoded: Sequence[Pixels], *, steps: int = STEPS) -> float:
    """AUC of a critic that tells decoded pictures from originals, cross-validated over pictures.

    Args:
        originals: uint8 RGB, at least `FOLDS` of them.
        decoded: the same pictures in the same order, of the same sizes.
        steps: of training for each fold.

    Returns:
        Mean of the folds' AUC, 0..1. On one machine with one thread the same every time; other machines round
        otherwise, and differ a little.

    Raises:
        ValueError: there are too few pictures.
    """
    if len(originals) < FOLDS:
        raise ValueError(f"a critic needs {FOLDS} pictures or more")
    pairs = [_patches(a, b) for a, b in zip(originals, decoded, strict=True)]
    values = []
    for fold in range(FOLDS):
        training = torch.cat([pair for number, pair in enumerate(pairs) if number % FOLDS != fold], dim=1)
        held_out = torch.cat(pairs[fold::FOLDS], dim=1)
        critic = _train(training, steps)
        values.append(auc(_judge(critic, held_out[0]), _judge(critic, held_out[1])))
    return float(np.mean(values))


def auc(negatives: npt.ArrayLike, positives: npt.ArrayLike) -> float:
    """Area under the curve by ranks: how often a positive scores above a negative; ties count half."""
    negative, positive = np.ravel(negatives), np.ravel(positives)
    ranks = stats.rankdata(np.concatenate([positive, negative]))[: positive.size]
    wins = ranks.sum() - positive.size * (positive.size + 1) / 2
    return float(wins / (positive.size * negative.size))


class _Critic(nn.Module):
    """Convolutions, mean over the patch, one score: positive for decoded.

    Beside the patch it is shown its detail, what stands out from the mean of 3 x 3 pixels, as a root, so that faint
    texture counts: coding takes and leaves most there, and a training this short would not find it by itself.
    """

    def __init__(self) -> None:
        super().__init__()
        channels = (2 * 3, *CHANNELS)
        layers: list[nn.Module] = []
        for number, (inputs, outputs) in enumerate(itertools.pairwise(channels)):
            side = 3 if number else 5
            layers.append(nn.Conv2d(inputs, outputs, side, stride=2, padding=side // 2, bias=False))
            layers += [nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1)]
        self.layers = nn.Sequential(*layers)
        self.score = nn.Linear(channels[-1], 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores [N] of patches [N, 3, PATCH, PATCH]."""
        detail = x - functional.avg_pool2d(functional.pad(x, (1, 1, 1, 1), mode="reflect"), 3, 1)
        detail = 2 * detail.sign() * (detail.abs() + 1e-4).sqrt()
        scores: torch.Tensor = self.score(self.layers(torch.cat([x, detail], dim=1)).mean(dim=(2, 3)))
        return scores[:, 0]


def _patches(original: Pixels, decoded: Pixels) -> torch.Tensor:
    """uint8 [2, N, 3, PATCH, PATCH]: patches side by side of the original, and of the decoded picture."""
    stacked = torch.from_numpy(np.stack([original, decoded])).permute(0, 3, 1, 2)
    cut = stacked.unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH)
    return cut.permute(0, 2, 3, 1, 4, 5).reshape(2, -1, 3, PATCH, PATCH)


def _train(pairs: torch.Tensor, steps: int) -> _Critic:
    """A critic trained on pairs [2, N, 3, PATCH, PATCH]."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        critic = _Critic()
    critic.to(memory_format=torch.channels_last)
    draw = np.random.default_rng(SEED)
    optimizer = torch.optim.AdamW(critic.parameters(), lr=LEARNING_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    truth = torch.cat([torch.zeros(PAIRS), torch.ones(PAIRS)])
    for _ in range(steps):
        chosen = pairs[:, torch.from_numpy(draw.integers(0, pairs.shape[1], PAIRS))]
        if draw.integers(2):
            chosen = chosen.flip(-1)
        scores = critic(_scaled(chosen.reshape(-1, *chosen.shape[2:])))
        loss = functional.binary_cross_entropy_with_logits(scores, truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    critic.eval()
    return critic


@torch.no_grad()
def _judge(critic: _Critic, patches: torch.Tensor) -> Scores:
    scores = [critic(_scaled(part)) for part in patches.split(256)]
    result: Scores = torch.cat(scores).double().numpy()
    return result


def _scaled(patches: torch.Tensor) -> torch.Tensor:
    return (patches.to(memory_format=torch.channels_last).float() - 128) / 64
