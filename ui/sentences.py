"""What one is looking at, in words: for the pages, and for the files that are made of them."""

from ui.experiment import OWN, Experiment
from ui.images import SAMPLES, Resized
from ui.layer import Layer, kernel_of
from ui.text import plain

__all__ = ["kernel_sentence", "picture_sentence", "shape_sentence", "window_sentence"]


def window_sentence(layer: Layer) -> str:
    """Say in one sentence what the stage shows, in the numbers of this layer."""
    _, kernel_rows, kernel_cols, channels = layer.bank.shape
    products = kernel_rows * kernel_cols * channels
    taps = f"{kernel_rows} × {kernel_cols} × {channels}"
    if products == 1:
        what = "one pixel value by one weight; the product"
    else:
        what = f"{products} pixel values by {products} weights; their sum"
    return (
        f"At every stop the {taps} window multiplies {what}, plus the bias, becomes one cell of the feature map."
    )


def picture_sentence(experiment: Experiment, picture: Resized) -> str:
    """Say whose picture it is, how it was brought to its size, and in what its values are counted."""
    credit = "" if experiment.picture == OWN else f"{SAMPLES[experiment.picture].credit}; "
    return f"Picture: {credit}{picture.note}. Pixel values from 0 to {1 if experiment.unit else 255}."


def kernel_sentence(experiment: Experiment) -> str:
    """Say in one sentence which kernel is set, and what it is a part of."""
    count = len(experiment.features)
    index = min(experiment.place.feature, count - 1)
    feature = experiment.features[index]
    rows, cols = kernel_of(feature).weights.shape[:2]
    name = plain(feature.name or kernel_of(feature).title)
    of = f"Feature {index + 1} of {count}" if count > 1 else "The only feature of the bank"
    return f"{of} is **{name}**, {rows} × {cols}. Paint it, type it, pick another, or lift one from the photo."


def shape_sentence(layer: Layer) -> str:
    """Say in one sentence which shape goes in, which comes out, and what has set it."""
    plan = layer.plan
    rows, cols, channels = plan.image_shape
    out_rows, out_cols, features = plan.output_shape
    _, kernel_rows, kernel_cols, _ = plan.bank_shape
    stride = "{} × {}".format(*plan.spec.stride) if len(set(plan.spec.stride)) > 1 else str(plan.spec.stride[0])
    named = isinstance(plan.spec.padding, str)
    padding = f"padding “{plan.spec.padding}”" if named else "padding in numbers"
    return (
        f"{rows} × {cols} × {channels} → **{out_rows} × {out_cols} × {features}**, with "
        f"{'a kernel' if features == 1 else f'{features} kernels'} of {kernel_rows} × {kernel_cols}, "
        f"stride {stride} and {padding}."
    )
