"""What a session remembers: the only file that touches `st.session_state` and `st.query_params`.

The experiment is the one truth. Widgets mirror it (`mirror`) and ask for changes of it (`change`), which are
checked like any other input; the address bar is read when somebody else has changed it (a link, the back button)
and written when the experiment has changed.
"""

from collections.abc import Callable, Hashable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urlsplit

import streamlit as st

from conv_engine import ConvError, ConvSpec
from ui.experiment import (
    LONGEST_ADDRESS,
    MOST_FEATURES,
    OWN,
    PARAMETERS,
    Experiment,
    ExperimentError,
    Feature,
    Place,
    Weights,
)
from ui.images import ImageError, load_image
from ui.message import Imposed

__all__ = [
    "Photo",
    "add_feature",
    "address",
    "bank_revision",
    "can_redo",
    "can_undo",
    "change",
    "change_feature",
    "change_spec",
    "choose_feature",
    "chosen",
    "close_address",
    "delete_feature",
    "detail",
    "experiment",
    "forget_typed",
    "imposed",
    "is_open",
    "is_report",
    "keep",
    "kept",
    "mirror",
    "move_feature",
    "note_report",
    "notices",
    "open_address",
    "own_weights",
    "photo",
    "redo",
    "remembered",
    "replace_bank",
    "say",
    "set_detail",
    "set_feature_count",
    "take_photo",
    "touch",
    "undo",
    "value_of",
]


@dataclass(frozen=True)
class Photo:
    """A photo that a person brought. It lives in the session, and nowhere else.

    Attributes
    ----------
    name : str
        Of its file.
    data : bytes
        The file, which `ui.images.load_image` has read once without complaint.
    """

    name: str
    data: bytes


T = TypeVar("T")

_EXPERIMENT = "experiment"
_PHOTO = "photo"
_OWN_WEIGHTS = "own_weights"
_IMPOSED = "imposed"
_ADDRESS = "address"
_NOTICES = "notices"
_MIRRORED = "mirrored"
_REMEMBERED = "remembered"
_KEPT = "kept"
_REPORTS = "reports"
_TOLD = "told"
# How long after it was told to show something a browser may say so.
_ECHO_SECONDS = 3.0
_MOST_TOLD = 30
_WRITTEN = "written"
_TOUCHED = "touched"
_DROPPED = "dropped"
_OPEN = "open"
_DETAILS = "details"
_ASKED = "details_asked"
# Parameters of an address that are a page's own: the part of it that is shown, the case, what is compared.
_MOST_DETAILS, _LONGEST_DETAIL = 12, 600
_PAGE = "page"
_CHOSEN = "features_chosen"
_UNDO = "banks_before"
_REDO = "banks_after"
_REVISION = "bank_revision"
_MOST_UNDONE = 100


def experiment() -> Experiment:
    """Return the experiment of this session."""
    current: Experiment = st.session_state.setdefault(_EXPERIMENT, Experiment())
    return current


def photo() -> Photo | None:
    """Return the person's own photo, if there is one."""
    own: Photo | None = st.session_state.get(_PHOTO)
    return own


def imposed() -> Imposed:
    """Return where the stage is asked to be."""
    asked: Imposed = st.session_state.setdefault(_IMPOSED, Imposed(experiment().place))
    return asked


def notices() -> list[str]:
    """Return the sentences for the person that were gathered since the last run, and forget them.

    That the experiment is too long for an address is said again as long as it is so.
    """
    gathered: list[str] = st.session_state.pop(_NOTICES, [])
    if not _fits(experiment().to_query()):
        gathered.append(
            f"This experiment has too many weights for an address of {LONGEST_ADDRESS:,} characters. "
            "The address still holds the one before it, and so would a reload: keep the bank in a file."
        )
    return gathered


def say(sentence: str) -> None:
    """Keep a sentence for the person until the page shows it."""
    st.session_state.setdefault(_NOTICES, []).append(sentence)


# The experiment and its changes


def change(**parts: Any) -> None:
    """Change parts of the experiment; what cannot be is said in a sentence, and all stays as it was.

    Parameters
    ----------
    **parts
        Fields of `Experiment`.
    """
    touch()
    before = experiment()
    try:
        after = replace(before, **parts)
    except ExperimentError as error:
        say(str(error))
        return
    if after.features != before.features:
        _keep_for_undo(before.features)
    st.session_state[_EXPERIMENT] = after


def touch() -> None:
    """Note that the person has used a control in this run.

    The browser sends its address along with the use, and that may still be the one before the last change: it must
    not undo what the person has done.
    """
    st.session_state[_TOUCHED] = True


def change_spec(**parts: Any) -> None:
    """Change the stride, padding, dilation or boundary, given as `ConvSpec.of` takes them."""
    spec = experiment().spec
    loose = {
        "stride": spec.stride,
        "padding": spec.padding,
        "dilation": spec.dilation,
        "boundary": spec.boundary,
        **parts,
    }
    try:
        change(spec=ConvSpec.of(**loose))
    except ConvError as error:
        say(f"{error}.")


def change_feature(index: int, **parts: Any) -> None:
    """Change fields of one `Feature` of the bank."""
    features = list(experiment().features)
    before = features[index]
    try:
        features[index] = replace(before, **parts)
    except ExperimentError as error:
        say(str(error))
        return
    if features[index].weights is None and before.weights is not None:
        st.session_state.setdefault(_OWN_WEIGHTS, {})[index] = before.weights
    change(features=tuple(features))


# The bank


def chosen() -> tuple[int, Feature]:
    """Return the number of the feature that is shown and set, and the feature."""
    current = experiment()
    index = min(current.place.feature, len(current.features) - 1)
    return index, current.features[index]


def bank_revision() -> int:
    """Return a number that is another one whenever the bank has changed, by whatever way."""
    features = experiment().features
    number, known = st.session_state.get(_REVISION, (0, None))
    if known != features:
        number += 1
        st.session_state[_REVISION] = number, features
    current: int = number
    return current


def can_undo() -> bool:
    """Tell whether the bank was another one before, in this session."""
    return bool(st.session_state.get(_UNDO))


def can_redo() -> bool:
    """Tell whether a change of the bank was undone."""
    return bool(st.session_state.get(_REDO))


def undo() -> None:
    """Bring back the bank that was there before its last change."""
    _swap(_UNDO, _REDO)


def redo() -> None:
    """Bring back the bank that was there before the last undo."""
    _swap(_REDO, _UNDO)


def _keep_for_undo(features: tuple[Feature, ...]) -> None:
    banks: list[tuple[Feature, ...]] = st.session_state.setdefault(_UNDO, [])
    banks.append(features)
    del banks[:-_MOST_UNDONE]
    st.session_state[_REDO] = []


def _swap(source: str, target: str) -> None:
    touch()
    banks: list[tuple[Feature, ...]] = st.session_state.get(source, [])
    if not banks:
        return
    current = experiment()
    st.session_state.setdefault(target, []).append(current.features)
    _show_bank(replace(current, features=banks.pop()))


def replace_bank(features: tuple[Feature, ...], *, chosen: int | None = None) -> None:
    """Take another bank; what cannot be is said in a sentence, and the bank stays.

    Parameters
    ----------
    features : tuple of Feature
        1 to 16 of them.
    chosen : int or None
        The feature to be shown then; by default the one of the same number, if there is one.
    """
    touch()
    before = experiment()
    try:
        after = replace(before, features=features)
    except ExperimentError as error:
        say(str(error))
        return
    if features != before.features:
        _keep_for_undo(before.features)
        # What was kept by its number belongs to other features now; all of it can be undone.
        st.session_state.pop(_OWN_WEIGHTS, None)
        st.session_state.pop(_DROPPED, None)
    _show_bank(after, chosen)


def _show_bank(after: Experiment, chosen: int | None = None) -> None:
    st.session_state[_EXPERIMENT] = after
    forget_typed("")
    number = after.place.feature if chosen is None else chosen
    number = min(number, len(after.features) - 1)
    if number != after.place.feature:
        choose_feature(number)


def add_feature(feature: Feature, index: int) -> None:
    """Put a feature into the bank before the one of this number, and show it."""
    features = list(experiment().features)
    features.insert(index, feature)
    replace_bank(tuple(features), chosen=index)


def delete_feature(index: int) -> None:
    """Take a feature out of the bank; the last one stays."""
    features = list(experiment().features)
    if len(features) == 1:
        say("A bank has at least one feature: this one stays.")
        return
    chosen = experiment().place.feature
    del features[index]
    replace_bank(tuple(features), chosen=chosen - (chosen > index))


def move_feature(index: int, to: int) -> None:
    """Move a feature to another place in the bank, and show it there."""
    features = list(experiment().features)
    if not 0 <= to < len(features):
        return
    features.insert(to, features.pop(index))
    replace_bank(tuple(features), chosen=to)


def own_weights(index: int) -> Weights | None:
    """Return the weights that a feature had before a named kernel was chosen for it, so that none are lost."""
    kept: dict[int, Weights] = st.session_state.get(_OWN_WEIGHTS, {})
    return kept.get(index)


def set_feature_count(count: int, newcomers: tuple[str, ...]) -> None:
    """Add or drop features at the end of the bank; those that were dropped come back as they were.

    Parameters
    ----------
    count : int
        How many there shall be.
    newcomers : tuple of str
        The kernels that new features begin with, by their place in the bank.
    """
    if not 1 <= count <= MOST_FEATURES:
        say(f"A bank has 1 to {MOST_FEATURES} features, got {count}.")
        return
    current = experiment()
    kept = current.features[:count]
    dropped: dict[int, Feature] = st.session_state.setdefault(_DROPPED, {})
    dropped.update(enumerate(current.features[count:], start=count))
    added = []
    for index in range(len(kept), count):
        if index not in dropped:
            st.session_state.get(_OWN_WEIGHTS, {}).pop(index, None)
        added.append(dropped.pop(index, Feature(newcomers[index % len(newcomers)])))
    change(features=kept + tuple(added))
    if current.place.feature >= count:
        choose_feature(count - 1)


def choose_feature(index: int) -> None:
    """Show another feature on the stage, at the cell where it is."""
    place = experiment().place._replace(feature=index)
    change(place=place)
    asked = imposed()
    st.session_state[_IMPOSED] = replace(
        asked, place=asked.place._replace(feature=index), feature=asked.feature + 1
    )


def reach_place(report: Any) -> None:
    """Take the place where the stage has come to rest; a report that makes no sense is passed over."""
    touch()
    with suppress(KeyError, TypeError, ExperimentError):
        place = Place(report["row"], report["col"], report["feature"])
        if place.feature != experiment().place.feature:
            st.session_state[_CHOSEN] = features_chosen() + 1
        st.session_state[_EXPERIMENT] = replace(experiment(), place=place)


def features_chosen() -> int:
    """Return how often a feature was chosen on the stage.

    A widget that shows the chosen feature has this in its key: the browser reports back what it was told to show,
    and that may come when the stage has chosen again.
    """
    chosen: int = st.session_state.get(_CHOSEN, 0)
    return chosen


def take_photo(name: str, data: bytes) -> None:
    """Make a file the picture of the experiment; if it is none, say why and keep the picture that was there."""
    try:
        load_image(data)
    except ImageError as error:
        say(f"{name}: {error}")
        return
    st.session_state[_PHOTO] = Photo(name, data)
    change(picture=OWN)


def remembered(name: str, key: Hashable, make: Callable[[], T]) -> T:
    """Return what `make` made for this key the last time, or make it and forget the one before.

    A run for another place on the same map need not convolve again; a session keeps one result of each name, so
    that the memory of a server is bounded by its sessions.
    """
    kept: dict[str, tuple[Hashable, Any]] = st.session_state.setdefault(_REMEMBERED, {})
    if name not in kept or kept[name][0] != key:
        kept[name] = (key, make())
    made: T = kept[name][1]
    return made


def note_report(key: str) -> None:
    """Note what the component of this key had reported when it was shown; to be called where it is shown."""
    st.session_state.setdefault(_REPORTS, {})[key] = deepcopy(_report_of(key))


def _report_of(key: str) -> Any:
    """Return what a component has reported; before it is mounted the same as when it has reported nothing."""
    return value_of(key) or {}


def is_report() -> bool:
    """Tell whether what has started this run was a report of a component, or an echo, and not the use of a field.

    Components report quickly, and with each report the browser sends what all fields show: that may be what they
    showed before the last one, and must not be taken for something typed. A field also reports back what it was
    told to show, and may do so when it has been told something else since: such echoes are wiped out here.
    """
    seen: dict[str, Any] = st.session_state.get(_REPORTS, {})
    return _wipe_echoes() or any(_report_of(key) != report for key, report in seen.items())


def _wipe_echoes() -> bool:
    shown: dict[str, Hashable] = st.session_state.get(_MIRRORED, {})
    told: dict[str, list[tuple[float, Hashable]]] = st.session_state.get(_TOLD, {})
    since = monotonic() - _ECHO_SECONDS
    # One that has been wiped out for the field before is still one for the next: fields come back together.
    echoes = [
        key
        for key, values in told.items()
        if not (key in shown and value_of(key) == shown[key])
        and any(value == value_of(key) and time > since for time, value in values)
    ]
    for key in echoes:
        shown.pop(key, None)
    return bool(echoes)


def kept(name: str) -> Any:
    """Return what `keep` was last given for this name, None if nothing."""
    return st.session_state.setdefault(_KEPT, {}).get(name)


def keep(name: str, value: Any) -> None:
    """Keep something of a page's own for its next runs."""
    st.session_state.setdefault(_KEPT, {})[name] = value


# Widgets


def mirror(key: str, value: Hashable, *, typed: bool = False) -> str:
    """Make the widget of this key show a value of the experiment; to be called before the widget.

    Parameters
    ----------
    key : str
        The widget's.
    value : Hashable
        What it shall show.
    typed : bool
        For fields of text: what is typed there is left alone as long as the value itself has not changed, so
        that a text that cannot be read stays to be corrected.

    Returns
    -------
    str
        The key.
    """
    shown: dict[str, Hashable] = st.session_state.setdefault(_MIRRORED, {})
    changed = key not in st.session_state or shown.get(key) != value or not typed
    shown[key] = value
    # Not where it is there already: what is set is sent, and would overtake the person in the browser.
    if changed and (key not in st.session_state or st.session_state[key] != value):
        if key in st.session_state:
            told: dict[str, list[tuple[float, Hashable]]] = st.session_state.setdefault(_TOLD, {})
            told[key] = [*told.get(key, [])[-_MOST_TOLD:], (monotonic(), value)]
        st.session_state[key] = value
    return key


def forget_typed(start: str) -> None:
    """Let the fields whose keys start so show the experiment again, whatever is typed there."""
    shown: dict[str, Hashable] = st.session_state.get(_MIRRORED, {})
    for key in [key for key in shown if key.startswith(start)]:
        del shown[key]


def value_of(key: str) -> Any:
    """Return what the widget of this key holds now."""
    return st.session_state.get(key)


# The address bar


def open_address() -> None:
    """Take over the address, if it is not the one that this session has written itself."""
    st.session_state[_OPEN] = True
    st.session_state[_REPORTS] = {}
    st.session_state[_ASKED] = {}
    query = st.query_params.to_dict()
    touched = st.session_state.pop(_TOUCHED, False) and _ADDRESS in st.session_state
    if _is_another_page() and not query and _ADDRESS in st.session_state:
        # The links between the pages are bare: the experiment stays, and is written into the address again.
        st.session_state[_ADDRESS] = query
        st.session_state.pop(_WRITTEN, None)
        return
    if touched or query == st.session_state.get(_ADDRESS):
        return
    reading = Experiment.from_query(query)
    opened = reading.experiment
    for problem in reading.problems:
        say(problem)
    if opened.picture == OWN and photo() is None:
        say(
            "This address belongs to a photo that somebody chose from their own device. Such a photo is never "
            "stored, so it is not in the address: here is a sample picture instead. Choose the photo again to "
            "see it."
        )
        opened = replace(opened, picture=Experiment().picture)
    if opened.place.feature >= len(opened.features):
        opened = replace(opened, place=opened.place._replace(feature=len(opened.features) - 1))
    st.session_state[_EXPERIMENT] = opened
    st.session_state[_DETAILS] = _details_of(query)
    st.session_state[_ADDRESS] = query
    before = st.session_state.get(_IMPOSED, Imposed(opened.place))
    st.session_state[_IMPOSED] = Imposed(opened.place, before.cell + 1, before.feature + 1)
    st.session_state[_WRITTEN] = opened, dict(st.session_state[_DETAILS])


def _details_of(query: dict[str, str]) -> dict[str, str]:
    own = [(name, text) for name, text in query.items() if name not in PARAMETERS]
    return {name: text for name, text in own[:_MOST_DETAILS] if len(text) <= _LONGEST_DETAIL}


def detail(name: str, default: str = "") -> str:
    """Return what the address says of a page's own, such as the part of it that is shown.

    Parameters
    ----------
    name : str
        Of the parameter; none that `ui.experiment` uses.
    default : str
        What counts where the address says nothing; it is not written there.

    Returns
    -------
    str
        As it was set, or as somebody has typed it into an address: up to 600 characters of anything. What is no
        longer asked for, because another page is shown, leaves the address, and comes back with the page.
    """
    st.session_state.setdefault(_ASKED, {})[name] = default
    details: dict[str, str] = st.session_state.setdefault(_DETAILS, {})
    return details.get(name, default)


def set_detail(name: str, value: str) -> None:
    """Change what the address says of a page's own; see `detail`."""
    touch()
    st.session_state.setdefault(_DETAILS, {})[name] = value


def _shown(details: dict[str, str]) -> dict[str, str]:
    asked: dict[str, str] = st.session_state.get(_ASKED, {})
    return {name: details[name] for name, default in asked.items() if details.get(name, default) != default}


def _is_another_page() -> bool:
    """Tell whether the browser has come from another page of the app."""
    page = urlsplit(st.context.url or "").path
    before = st.session_state.get(_PAGE, page)
    st.session_state[_PAGE] = page
    return bool(page != before)


def is_open() -> bool:
    """Tell whether this run came through `open_address`, as each run of `app.py` does."""
    return _OPEN in st.session_state


def address() -> dict[str, str]:
    """Return the parameters of the address as they are."""
    return st.query_params.to_dict()


def close_address() -> None:
    """Write the experiment into the address, if it has changed since that was read or written.

    An address that could only be read in part is left as it is until then: writing it at once would trap the
    back button.
    """
    st.session_state.pop(_OPEN, None)
    current, details = experiment(), dict(st.session_state.get(_DETAILS, {}))
    written, written_details = st.session_state.get(_WRITTEN, (None, {}))
    if current == written and _shown(details) == _shown(written_details):
        return
    query = {**current.to_query(), **_shown(details)}
    if not _fits(query):
        return
    st.query_params.from_dict(query)
    st.session_state[_ADDRESS] = query
    st.session_state[_WRITTEN] = current, _shown(details)


def _fits(query: dict[str, str]) -> bool:
    return sum(len(name) + len(text) + 2 for name, text in query.items()) <= LONGEST_ADDRESS
