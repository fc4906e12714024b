"""The pictures of the experiment, of its photo and of its maps, made once for all who look at them."""

import hashlib
from dataclasses import replace

import streamlit as st

from ui import state
from ui.experiment import OWN, Experiment, Place
from ui.images import Resized, load_image, load_sample, prepare
from ui.layer import Layer, Map, map_pictures
from ui.state import Photo

__all__ = ["shown_maps", "working_picture"]


def shown_maps(layer: Layer) -> list[Map]:
    """Return the pictures of the maps of the experiment's layer; they are the same wherever the stage is.

    Parameters
    ----------
    layer : Layer
        The experiment laid on its working picture.

    Returns
    -------
    list of Map
        One for each feature.

    Raises
    ------
    ConvError
        If a value of the maps is too large for float32.
    """
    shown = replace(state.experiment(), place=Place())
    key = (shown, state.photo() if shown.picture == OWN else None)
    return state.remembered("maps", key, lambda: map_pictures(layer))


def working_picture(experiment: Experiment, photo: Photo | None) -> Resized:
    """Return the picture of an experiment at its working size, in its colours or in grey.

    Parameters
    ----------
    experiment : Experiment
        Names the picture and the size, and says whether it is grey.
    photo : Photo or None
        The person's own; needed where the experiment's picture is ``"own"``.

    Returns
    -------
    Resized
        Read-only pixels and the sentence on how they were made. Samples are shared by all sessions; an own photo
        is kept for its session alone, and goes with it.
    """
    if experiment.picture == OWN and photo is not None:
        return _own(hashlib.sha256(photo.data).hexdigest(), experiment.size, experiment.grey, photo.data)
    return _sample(experiment.picture, experiment.size, experiment.grey)


@st.cache_resource(max_entries=64, show_spinner=False)
def _sample(key: str, size: int | str, grey: bool) -> Resized:
    return _sealed(prepare(load_sample(key), size, grey))


# Up to 72 MB each at 24 megapixels: few are kept, and none beyond its session.
@st.cache_resource(scope="session", max_entries=2, show_spinner=False)
def _own(digest: str, size: int | str, grey: bool, _data: bytes) -> Resized:
    return _sealed(prepare(load_image(_data), size, grey))


def _sealed(picture: Resized) -> Resized:
    picture.pixels.setflags(write=False)
    return picture
