"""What one is looking at, in words: for the pages, and for the files that are made of them."""

from ui.experiment import OWN, Experiment
from ui.images import SAMPLES, Resized
from ui.layer import Layer

__all__ = ["picture_sentence", "window_sentence"]


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
