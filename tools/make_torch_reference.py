"""Make ``tests/conv_engine/torch_reference.npz``: gradients, pooling, losses and steps as PyTorch computes them.

    python -m tools.make_torch_reference

PyTorch is not among what the project installs: ``pip install torch --index-url
https://download.pytorch.org/whl/cpu`` into an environment of its own. All is computed in float64 from seeded
numbers; inputs are stored beside results, in the engine's layout. Made last with PyTorch 2.13.0 (CPU build), NumPy
2.4.6.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

TARGET = Path(__file__).resolve().parent.parent / "tests" / "conv_engine" / "torch_reference.npz"
MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}
CONVOLUTIONS: dict[str, dict[str, Any]] = {
    # name: images, (H, W), features, kernel, channels, then what plan2d takes
    "plain": {"shape": (2, 6, 7, 3), "bank": (4, 3, 2, 3)},
    "strided": {"shape": (2, 9, 8, 2), "bank": (3, 3, 3, 2), "stride": (2, 3), "padding": ((1, 1), (2, 2))},
    "dilated": {"shape": (1, 9, 10, 2), "bank": (2, 3, 2, 2), "dilation": (2, 3), "padding": ((1, 0), (3, 2))},
    "grouped": {"shape": (3, 5, 6, 4), "bank": (6, 2, 3, 2), "groups": 2, "padding": ((0, 1), (1, 1))},
    "depthwise": {"shape": (2, 6, 6, 3), "bank": (3, 3, 3, 1), "groups": 3, "stride": (2, 2)},
    "reflect": {"shape": (2, 5, 6, 2), "bank": (2, 3, 3, 2), "padding": ((2, 1), (1, 3)), "boundary": "reflect"},
    "replicate": {
        "shape": (1, 5, 4, 1),
        "bank": (2, 4, 3, 1),
        "padding": ((3, 3), (2, 0)),
        "boundary": "replicate",
    },
    "circular": {"shape": (2, 5, 5, 1), "bank": (3, 3, 3, 1), "padding": ((1, 1), (1, 1)), "boundary": "circular"},
}
POOLINGS = {"halves": ((2, 2), (2, 2)), "overlapping": ((3, 2), (2, 1)), "gaps": ((2, 2), (3, 4))}


def channels_first(images: torch.Tensor) -> torch.Tensor:
    """Turn (N, H, W, C) into PyTorch's (N, C, H, W)."""
    return images.permute(0, 3, 1, 2)


def channels_last(images: torch.Tensor) -> torch.Tensor:
    """Turn PyTorch's (N, C, H, W) into (N, H, W, C)."""
    return images.permute(0, 2, 3, 1)


def leaf(array: np.ndarray) -> torch.Tensor:
    """Return a tensor that gradients are collected for."""
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def convolution(rng: np.random.Generator, case: dict[str, Any]) -> dict[str, Any]:
    """Convolve, and go back from random map gradients."""
    pads, stride = case.get("padding", ((0, 0), (0, 0))), case.get("stride", (1, 1))
    dilation, groups = case.get("dilation", (1, 1)), case.get("groups", 1)
    images, bank = leaf(rng.normal(size=case["shape"])), leaf(rng.normal(size=case["bank"]))
    bias = leaf(rng.normal(size=case["bank"][0]))
    padded = functional.pad(
        channels_first(images), (*pads[1], *pads[0]), mode=MODES[case.get("boundary", "zeros")]
    )
    maps = channels_last(
        functional.conv2d(padded, channels_first(bank), bias, stride=stride, dilation=dilation, groups=groups)
    )
    wanted = rng.normal(size=tuple(maps.shape))
    maps.backward(torch.tensor(wanted))
    return {
        "images": images,
        "bank": bank,
        "bias": bias,
        "maps": maps,
        "map_gradients": wanted,
        "image_gradients": images.grad,
        "bank_gradient": bank.grad,
        "bias_gradient": bias.grad,
        "padding": np.array(pads),
        "stride": np.array(stride),
        "dilation": np.array(dilation),
        "groups": np.array(groups),
        "boundary": np.array(case.get("boundary", "zeros")),
    }


def pooling(rng: np.random.Generator, size: tuple[int, int], stride: tuple[int, int]) -> dict[str, Any]:
    """Pool whole numbers, of which many are equal, by ReLU, maximum and mean."""
    maps, found = rng.integers(-2, 4, (2, 7, 8, 3)), {"size": np.array(size), "stride": np.array(stride)}
    found["maps"] = maps
    for name, pool in (("max", functional.max_pool2d), ("average", functional.avg_pool2d)):
        went_in = leaf(maps)
        pooled = channels_last(pool(functional.relu(channels_first(went_in)), size, stride))
        wanted = rng.normal(size=tuple(pooled.shape))
        pooled.backward(torch.tensor(wanted))
        found |= {name: pooled, f"{name}_gradients": wanted, f"{name}_back": went_in.grad}
    return found


def losses(rng: np.random.Generator) -> dict[str, Any]:
    """Compute both losses with their gradients, some of the scores far apart."""
    scores, labels = leaf(rng.normal(size=(6, 4)) * [[1], [1], [10], [100], [1000], [0]]), rng.integers(0, 4, 6)
    entropy = functional.cross_entropy(scores, torch.tensor(labels))
    entropy.backward()
    predicted, target = leaf(rng.normal(size=(3, 4, 2))), rng.normal(size=(3, 4, 2))
    squared = functional.mse_loss(predicted, torch.tensor(target))
    squared.backward()
    return {
        "scores": scores,
        "labels": labels,
        "cross_entropy": entropy,
        "cross_entropy_gradient": scores.grad,
        "predicted": predicted,
        "wanted": target,
        "squared": squared,
        "squared_gradient": predicted.grad,
    }


def steps(rng: np.random.Generator) -> dict[str, Any]:
    """Let the optimisers take twelve steps along random gradients."""
    start, slopes = rng.normal(size=(2, 3)), rng.normal(size=(12, 2, 3))
    found: dict[str, Any] = {"start": start, "gradients": slopes}
    for name, make in (
        ("sgd", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.0)),
        ("momentum", lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
        ("adam", lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.8, 0.95), eps=1e-6)),
    ):
        parameter = leaf(start)
        optimiser, path = make([parameter]), []
        for slope in slopes:
            parameter.grad = torch.tensor(slope)
            optimiser.step()
            path.append(parameter.detach().numpy().copy())
        found[name] = np.stack(path)
    return found


def network(rng: np.random.Generator) -> dict[str, Any]:
    """Convolution, ReLU, max pooling, a fully connected layer, cross-entropy: and all the way back."""
    images, labels = leaf(rng.normal(size=(5, 8, 8, 2))), rng.integers(0, 3, 5)
    bank, bias = leaf(rng.normal(size=(4, 3, 3, 2))), leaf(rng.normal(size=4))
    weights, offsets = leaf(rng.normal(size=(3, 4, 4, 4))), leaf(rng.normal(size=3))
    maps = functional.conv2d(channels_first(images), channels_first(bank), bias, padding=1)
    pooled = channels_last(functional.max_pool2d(functional.relu(maps), 2))
    scores = functional.linear(pooled.flatten(1), weights.flatten(1), offsets)
    loss = functional.cross_entropy(scores, torch.tensor(labels))
    loss.backward()
    leaves = {"images": images, "bank": bank, "bias": bias, "weights": weights, "offsets": offsets}
    gradients = {f"{name}_gradient": one.grad for name, one in leaves.items()}
    return {**leaves, "labels": labels, "scores": scores, "loss": loss, **gradients}


def main() -> None:
    """Compute all cases and write the file."""
    rng = np.random.default_rng(7)
    cases = {name: convolution(rng, case) for name, case in CONVOLUTIONS.items()}
    parts = {f"convolution/{name}": case for name, case in cases.items()}
    parts |= {f"pooling/{name}": pooling(rng, *case) for name, case in POOLINGS.items()}
    parts |= {"losses": losses(rng), "steps": steps(rng), "network": network(rng)}
    arrays = {
        f"{part}/{name}": value.detach().numpy() if isinstance(value, torch.Tensor) else value
        for part, values in parts.items()
        for name, value in values.items()
    }
    np.savez_compressed(TARGET, **arrays)
    print(f"{len(arrays)} arrays, {TARGET.stat().st_size / 1024:.0f} KiB, by PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
