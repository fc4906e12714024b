"""What a session remembers, run after run: the experiment, the photo, the address and what is to be said."""

import io
import math

import numpy as np
import pytest
from PIL import Image
from session import Session

from conv_engine import LIBRARY, ConvSpec
from ui import state
from ui.experiment import LONGEST_ADDRESS, OWN, Experiment, Feature, Place
from ui.images import SAMPLES

ONE = (((1.0,),),)
TWO = (((2.0,),),)
NEWCOMERS = ("sobel_x", "sobel_y", "laplacian")


@pytest.fixture
def session():
    fresh = Session()
    assert fresh.run() == []
    return fresh


def png(rows=6, cols=5):
    file = io.BytesIO()
    pixels = np.random.default_rng(3).integers(0, 256, (rows, cols, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def too_long():
    """Make a bank of more weights than an address holds."""
    cell = (1 / 3, -1 / 7, 1 / 11)
    return (Feature(OWN, ((cell,) * 15,) * 15),) * 4


# --- the experiment and its changes ------------------------------------------------------------------------


def test_a_session_begins_with_the_first_screen(session):
    assert session.experiment == Experiment()
    assert session.ask(state.photo) is None
    assert session.imposed.place == Place()
    assert session.address == {}


def test_a_change_lasts(session):
    assert session.run(lambda: state.change(size=64, flip=True)) == []
    assert session.run() == []
    assert session.experiment == Experiment(size=64, flip=True)


def test_sessions_know_nothing_of_each_other(session):
    session.run(lambda: state.change(size=64))
    assert Session().experiment == Experiment()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda: state.change(size=33), ["33", "8, 16, 32"], id="size"),
        pytest.param(lambda: state.change(size=64, picture="dog"), ["dog", "cat"], id="one good part and one bad"),
        pytest.param(lambda: state.change(features=()), ["1 to 16", "0"], id="no features"),
        pytest.param(lambda: state.change(features=(Feature(),) * 17), ["1 to 16", "17"], id="features"),
        pytest.param(lambda: state.change(place=Place(-1, 0, 0)), ["row", "-1"], id="place"),
        pytest.param(lambda: state.change_spec(stride=0), ["stride", "≥ 1", "0"], id="stride of nothing"),
        pytest.param(lambda: state.change_spec(stride=(1, 65)), ["stride", "columns", "65"], id="wide stride"),
        pytest.param(lambda: state.change_spec(stride=(None, 1)), ["stride", "None"], id="stride of no number"),
        pytest.param(lambda: state.change_spec(stride=2.5), ["stride", "2.5"], id="stride of a fraction"),
        pytest.param(lambda: state.change_spec(padding="big"), ["padding", "same", "big"], id="padding"),
        pytest.param(lambda: state.change_spec(padding=-1), ["padding", "-1"], id="negative padding"),
        pytest.param(lambda: state.change_spec(dilation=17), ["dilation", "16", "17"], id="dilation"),
        pytest.param(lambda: state.change_spec(boundary="torus"), ["boundary", "torus"], id="boundary"),
        pytest.param(lambda: state.change_feature(0, kernel="sobel"), ["sobel", "sobel_x"], id="kernel"),
        pytest.param(lambda: state.change_feature(0, kernel=OWN), ["weights"], id="own kernel of no weights"),
        pytest.param(lambda: state.change_feature(0, bias=math.inf), ["bias", "inf"], id="bias"),
        pytest.param(
            lambda: state.change_feature(0, kernel=OWN, weights=(((math.nan,),),)), ["weight", "nan"], id="weights"
        ),
        pytest.param(lambda: state.set_feature_count(0, NEWCOMERS), ["1 to 16", "0"], id="count of nothing"),
        pytest.param(lambda: state.set_feature_count(17, NEWCOMERS), ["1 to 16", "17"], id="count"),
        pytest.param(lambda: state.set_feature_count(10**9, NEWCOMERS), ["1 to 16"], id="endless count"),
        pytest.param(lambda: state.set_feature_count(-1, NEWCOMERS), ["1 to 16"], id="negative count"),
    ],
)
def test_a_change_that_cannot_be_is_said_and_all_stays(session, change, words):
    features = (Feature("box", bias=1.0), Feature("luma"), Feature(OWN, ONE))
    before = Experiment(size=16, features=features, place=Place(3, 2, 2))
    session.run(lambda: state.change(size=16, features=features, place=Place(3, 2, 2)))
    address = session.address
    (sentence,) = session.run(change)
    assert sentence.endswith(".")
    assert [word for word in words if word not in sentence] == []
    assert session.experiment == before
    assert session.address == address
    assert session.run() == []


def test_a_change_of_the_spec_keeps_its_other_parts(session):
    session.run(lambda: state.change_spec(stride=(2, 3), padding="same", boundary="reflect"))
    session.run(lambda: state.change_spec(dilation=2))
    assert session.experiment.spec == ConvSpec.of(
        stride=(2, 3), padding="same", boundary="reflect", dilation=(2, 2)
    )


def test_a_change_of_a_feature_keeps_the_others(session):
    session.run(lambda: state.change(features=(Feature("box"), Feature("luma", bias=2.0))))
    session.run(lambda: state.change_feature(1, kernel="emboss"))
    assert session.experiment.features == (Feature("box"), Feature("emboss", bias=2.0))


def test_what_is_said_is_said_once_and_in_order(session):
    def two():
        state.say("One.")
        state.say("Two.")

    assert session.run(two) == ["One.", "Two."]
    assert session.run() == []


# --- features ----------------------------------------------------------------------------------------------


def test_more_features_keep_the_ones_there_are_and_go_on_with_the_newcomers(session):
    session.run(lambda: state.change(features=(Feature("box", bias=3.0),)))
    session.run(lambda: state.set_feature_count(5, NEWCOMERS))
    kernels = [feature.kernel for feature in session.experiment.features]
    assert kernels == ["box", "sobel_y", "laplacian", "sobel_x", "sobel_y"]
    assert session.experiment.features[0] == Feature("box", bias=3.0)


def test_fewer_features_keep_the_first(session):
    features = (Feature("box", bias=3.0), Feature(OWN, ONE), Feature("luma"))
    session.run(lambda: state.change(features=features))
    session.run(lambda: state.set_feature_count(2, NEWCOMERS))
    assert session.experiment.features == features[:2]


@pytest.mark.parametrize("count", [1, 2, 3, 16])
def test_a_bank_may_have_any_number_of_features_it_can_hold(session, count):
    assert session.run(lambda: state.set_feature_count(count, NEWCOMERS)) == []
    assert len(session.experiment.features) == count


@pytest.mark.parametrize(("count", "shown"), [(1, 0), (2, 1), (3, 2), (4, 2), (8, 2)])
def test_the_place_stays_within_the_features(session, count, shown):
    session.run(lambda: state.set_feature_count(4, NEWCOMERS))
    session.run(lambda: state.change(place=Place(5, 6, 2)))
    session.run(lambda: state.set_feature_count(count, NEWCOMERS))
    assert session.experiment.place == Place(5, 6, shown)


def test_choosing_a_feature_moves_the_stage_to_it_at_its_cell(session):
    session.run(lambda: state.set_feature_count(3, NEWCOMERS))
    session.run(lambda: state.change(place=Place(5, 6, 0)))
    before = session.imposed
    session.run(lambda: state.choose_feature(2))
    after = session.imposed
    assert session.experiment.place == Place(5, 6, 2)
    assert after.place.feature == 2
    assert (after.cell, after.feature) == (before.cell, before.feature + 1)


# --- own weights -------------------------------------------------------------------------------------------


def test_there_are_no_own_weights_before_any_were_typed(session):
    assert session.ask(lambda: state.own_weights(0)) is None


def test_own_weights_come_back_after_choosing_a_named_kernel(session):
    session.run(lambda: state.set_feature_count(2, NEWCOMERS))
    session.run(lambda: state.change_feature(1, kernel=OWN, weights=ONE))
    session.run(lambda: state.change_feature(1, kernel="box", weights=None))
    assert session.experiment.features[1] == Feature("box")
    assert session.ask(lambda: state.own_weights(1)) == ONE
    assert session.ask(lambda: state.own_weights(0)) is None


def test_the_last_own_weights_come_back(session):
    for weights in (ONE, TWO):
        session.run(lambda weights=weights: state.change_feature(0, kernel=OWN, weights=weights))
    session.run(lambda: state.change_feature(0, kernel="box", weights=None))
    assert session.ask(lambda: state.own_weights(0)) == TWO


def test_own_weights_that_came_with_an_address_come_back_too():
    session = Session({"v": "1", "k": "1x1x1_2"})
    assert session.experiment.features == (Feature(OWN, TWO),)
    session.run(lambda: state.change_feature(0, kernel="box", weights=None))
    assert session.ask(lambda: state.own_weights(0)) == TWO


# --- photos ------------------------------------------------------------------------------------------------


def test_a_good_photo_becomes_the_picture(session):
    data = png()
    assert session.run(lambda: state.take_photo("cat.png", data)) == []
    assert session.experiment == Experiment(picture=OWN)
    assert session.ask(state.photo) == state.Photo("cat.png", data)
    assert session.address == {"v": "1", "img": "own"}


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "empty"), (b"hello there", "text"), (png()[:60], ""), (b"%PDF-1.7", "PDF")],
    ids=["empty", "text", "cut short", "another kind"],
)
def test_a_file_that_is_no_photo_is_said_and_the_picture_stays(session, data, word):
    good = png()
    session.run(lambda: state.change(picture="cat"))
    for picture, own in (("cat", None), (OWN, state.Photo("good.png", good))):
        (sentence,) = session.run(lambda: state.take_photo("bad.png", data))
        assert sentence.startswith("bad.png: ")
        assert word in sentence
        assert sentence.endswith(".")
        assert session.experiment.picture == picture
        assert session.ask(state.photo) == own
        session.run(lambda: state.take_photo("good.png", good))


def test_a_photo_waits_while_a_sample_is_shown(session):
    data = png()
    session.run(lambda: state.take_photo("cat.png", data))
    session.run(lambda: state.change(picture="bricks"))
    assert session.ask(state.photo) == state.Photo("cat.png", data)
    session.run(lambda: state.change(picture=OWN))
    assert session.experiment.picture == OWN


# --- where the stage is ------------------------------------------------------------------------------------


def test_a_place_the_stage_has_reached_is_taken_without_moving_the_stage(session):
    before = session.imposed
    assert session.run(lambda: state.reach_place({"row": 2, "col": 3, "feature": 0})) == []
    assert session.experiment.place == Place(2, 3, 0)
    assert session.imposed == before
    assert session.address == {"v": "1", "at": "2.3.0"}


@pytest.mark.parametrize(
    "report",
    [
        None,
        0,
        "2.3.0",
        [2, 3, 0],
        (2, 3, 0),
        {},
        {"row": 2, "col": 3},
        {"row": 2, "col": 3, "feature": None},
        {"row": "two", "col": 3, "feature": 0},
        {"row": "2", "col": 3, "feature": 0},
        {"row": [2], "col": 3, "feature": 0},
        {"row": {}, "col": 3, "feature": 0},
        {"row": 2, "col": math.nan, "feature": 0},
        {"row": 2, "col": math.inf, "feature": 0},
        {"row": 2, "col": 2.7, "feature": 0},
        {"row": True, "col": 3, "feature": 0},
        {"row": -1, "col": 3, "feature": 0},
        {"row": 2, "col": 3, "feature": -1},
        {"row": 10**30, "col": 3, "feature": 0},
        {"row": 2, "col": 1e300, "feature": 0},
        {"row": "9" * 5000, "col": 3, "feature": 0},
    ],
    ids=lambda report: str(report)[:50],
)
def test_a_report_that_makes_no_sense_is_passed_over_in_silence(session, report):
    session.run(lambda: state.reach_place({"row": 4, "col": 5, "feature": 0}))
    said = session.run(lambda: state.reach_place(report))
    assert session.experiment == Experiment(place=Place(4, 5, 0))
    assert said == []


# --- what is kept from run to run --------------------------------------------------------------------------


def test_what_was_made_for_a_key_is_made_once_until_the_key_changes(session):
    made = []

    def make():
        made.append(len(made))
        return made[-1]

    keys = ["a", "a", ("b", 1), ("b", 1), "a"]
    assert [session.ask(lambda key=key: state.remembered("x", key, make)) for key in keys] == [0, 0, 1, 1, 2]


def test_what_was_made_under_one_name_stays_whatever_is_made_under_another(session):
    assert session.ask(lambda: state.remembered("x", 1, lambda: "first")) == "first"
    assert session.ask(lambda: state.remembered("y", 2, lambda: "second")) == "second"
    assert session.ask(lambda: state.remembered("x", 1, lambda: "third")) == "first"
    assert session.ask(lambda: state.remembered("y", 1, lambda: "fourth")) == "fourth"


def test_what_could_not_be_made_leaves_the_one_before(session):
    def fail():
        raise RuntimeError("no")

    def try_another():
        with pytest.raises(RuntimeError):
            state.remembered("x", "b", fail)

    session.run(lambda: state.remembered("x", "a", lambda: 1))
    session.run(try_another)
    assert session.ask(lambda: state.remembered("x", "a", lambda: 2)) == 1


# --- widgets -----------------------------------------------------------------------------------------------


def show_field(value, typed=True):
    """Show a field of text for a value of the experiment, and tell what the field then holds."""
    import streamlit as st

    st.text_input("Bias", key=state.mirror("bias", value, typed=typed))
    return state.value_of("bias")


def test_a_field_shows_the_experiments_value(session):
    assert session.ask(lambda: show_field("1")) == "1"
    assert session.ask(lambda: show_field("2")) == "2"


def test_what_is_typed_stays_to_be_corrected_until_the_value_changes(session):
    session.ask(lambda: show_field("1"))
    session.app.text_input[0].set_value("1/")
    assert session.ask(lambda: show_field("1")) == "1/"
    assert session.ask(lambda: show_field("1")) == "1/"
    assert session.ask(lambda: show_field("2")) == "2"


def test_a_widget_of_another_kind_goes_back_to_the_value_when_its_own_was_refused(session):
    session.ask(lambda: show_field("1", typed=False))
    session.app.text_input[0].set_value("refused")
    assert session.ask(lambda: show_field("1", typed=False)) == "1"


def test_a_widget_that_was_away_shows_the_value_of_now(session):
    session.ask(lambda: show_field("1"))
    session.run()
    assert session.ask(lambda: show_field("3")) == "3"
    session.run()
    assert session.ask(lambda: show_field("3")) == "3"


def test_a_widget_that_is_not_there_holds_nothing(session):
    assert session.ask(lambda: state.value_of("nowhere")) is None


# --- the address -------------------------------------------------------------------------------------------


def test_an_address_is_opened_at_the_first_run():
    session = Session({"v": "1", "img": "cat", "k": "box~luma", "s": "2x2", "at": "3.4.1"})
    assert session.run() == []
    assert session.experiment == Experiment(
        picture="cat",
        features=(Feature("box"), Feature("luma")),
        spec=ConvSpec.of(stride=2),
        place=Place(3, 4, 1),
    )
    assert session.imposed.place == Place(3, 4, 1)


@pytest.mark.parametrize(
    "address",
    [
        {"v": "1", "size": "64"},
        {"size": "64"},
        {"v": "1", "size": "64", "flip": "0"},
        {"v": "1", "size": "64", "utm_source": "news"},
    ],
    ids=["as written", "without version", "with a default", "with a stranger"],
)
def test_an_address_that_was_only_read_is_not_rewritten(address):
    session = Session(address)
    session.run()
    session.run()
    assert session.address == address
    assert session.experiment == Experiment(size=64)


def test_an_address_is_written_when_the_experiment_changes():
    session = Session({"size": "64", "utm_source": "news"})
    session.run(lambda: state.change(flip=True))
    assert session.address == {"v": "1", "size": "64", "flip": "1"}


def test_an_address_is_read_once_and_not_again_over_a_change():
    session = Session({"v": "1", "size": "64"})
    session.run(lambda: state.change(size=128))
    session.run()
    assert session.experiment == Experiment(size=128)
    assert session.address == {"v": "1", "size": "128"}


def test_going_back_to_the_first_screen_leaves_the_bare_address(session):
    session.run(lambda: state.change(size=64))
    session.run(lambda: state.change(size=32))
    assert session.address == {}


def test_an_address_that_somebody_else_has_changed_is_opened(session):
    session.run(lambda: state.change(size=64))
    before = session.imposed
    session.address = {"v": "1", "img": "bricks", "at": "1.2.0"}
    session.run()
    assert session.experiment == Experiment(picture="bricks", place=Place(1, 2, 0))
    after = session.imposed
    assert after.place == Place(1, 2, 0)
    assert after.cell > before.cell
    assert after.feature > before.feature


def test_the_back_button_returns_to_the_first_screen(session):
    session.run(lambda: state.change(size=64))
    session.address = {}
    session.run()
    assert session.experiment == Experiment()
    assert session.address == {}


def test_a_written_address_opens_the_same_experiment_in_a_fresh_session(session):
    session.run(lambda: state.set_feature_count(3, NEWCOMERS))
    session.run(lambda: state.change_feature(2, kernel=OWN, weights=(((1 / 9, -0.5, 3.0),),), bias=-2.5))
    session.run(lambda: state.change_spec(stride=(1, 2), padding=((1, 0), (0, 2)), boundary="circular"))
    session.run(lambda: state.reach_place({"row": 5, "col": 6, "feature": 2}))
    fresh = Session(session.address)
    assert fresh.run() == []
    assert fresh.experiment == session.experiment
    assert fresh.imposed.place == Place(5, 6, 2)


def test_an_address_that_cannot_be_read_is_said_once_and_left_until_something_changes():
    address = {"v": "1", "img": "cat", "k": "nonsense", "size": "33"}
    session = Session(address)
    said = session.run()
    assert [sentence.split("=")[0] for sentence in said] == ["“size", "“k"]
    assert session.experiment == Experiment(picture="cat")
    assert session.run() == []
    assert session.address == address
    assert session.run(lambda: state.change(size=64)) == []
    assert session.address == {"v": "1", "img": "cat", "size": "64"}


def test_an_address_of_another_version_opens_the_first_screen_and_is_left():
    session = Session({"v": "2", "img": "cat"})
    (sentence,) = session.run()
    assert "version “2”" in sentence
    assert session.experiment == Experiment()
    assert session.address == {"v": "2", "img": "cat"}


def test_an_address_of_a_photo_that_is_not_here_opens_a_sample_and_says_so():
    session = Session({"v": "1", "img": "own", "size": "64", "k": "box"})
    (sentence,) = session.run()
    assert "photo" in sentence
    assert "sample" in sentence
    assert session.experiment.picture in SAMPLES
    assert session.experiment == Experiment(size=64, features=(Feature("box"),))
    assert session.address == {"v": "1", "img": "own", "size": "64", "k": "box"}
    assert session.run() == []


def test_an_address_of_a_photo_that_is_here_opens_it(session):
    data = png()
    session.run(lambda: state.take_photo("cat.png", data))
    session.run(lambda: state.change(picture="bricks"))
    session.address = {"v": "1", "img": "own", "size": "64"}
    assert session.run() == []
    assert session.experiment == Experiment(picture=OWN, size=64)


def test_an_experiment_too_long_for_an_address_keeps_the_one_before_and_says_so(session):
    session.run(lambda: state.change(size=64))
    said = session.run(lambda: state.change(features=too_long()))
    said += session.run()
    assert any("too many weights" in sentence and f"{LONGEST_ADDRESS:,}" in sentence for sentence in said)
    assert session.address == {"v": "1", "size": "64"}
    assert session.experiment == Experiment(size=64, features=too_long())


def test_an_address_is_written_again_when_it_is_no_longer_too_long(session):
    session.run(lambda: state.change(features=too_long()))
    session.run(lambda: state.change(features=(Feature("box"),)))
    assert session.address == {"v": "1", "k": "box"}


def test_the_longest_address_that_is_written_is_as_long_as_promised(session):
    cell = (1 / 3,)  # 18 characters, and the underscore before it
    fitting = (Feature(OWN, ((cell,) * 15,) * 15), Feature(OWN, ((cell,) * 15,) * 12))
    session.run(lambda: state.change(features=fitting))
    assert LONGEST_ADDRESS * 0.9 < sum(map(len, session.address.values())) <= LONGEST_ADDRESS
    assert Experiment.from_query(session.address).experiment.features == fitting


@pytest.mark.parametrize("key", sorted(LIBRARY))
def test_every_named_kernel_can_be_chosen_and_is_in_the_address(session, key):
    assert session.run(lambda: state.change_feature(0, kernel=key)) == []
    assert session.address == ({} if key == "sobel_x" else {"v": "1", "k": key})


# --- what is a page's own ----------------------------------------------------------------------------------


def choose(part):
    def act():
        state.detail("part", "first")
        state.set_detail("part", part)

    return act


def test_a_page_s_own_choice_is_in_the_address_while_it_is_asked_for(session):
    session.run(choose("second"))
    assert session.address == {"part": "second"}
    session.run(lambda: state.change(size=64))
    assert session.address == {"v": "1", "size": "64"}
    assert session.ask(lambda: state.detail("part", "first")) == "second"
    assert session.address == {"v": "1", "size": "64", "part": "second"}


def test_the_first_choice_of_a_page_leaves_the_address_bare(session):
    session.run(choose("second"))
    session.run(choose("first"))
    assert session.address == {}


def test_a_link_brings_a_page_s_own_choice():
    session = Session({"v": "1", "size": "64", "part": "second"})
    assert session.ask(lambda: state.detail("part", "first")) == "second"
    assert session.experiment == Experiment(size=64)
    assert session.address == {"v": "1", "size": "64", "part": "second"}


def test_the_back_button_brings_back_the_choice_before(session):
    session.run(choose("second"))
    session.run()
    session.address = {}
    assert session.ask(lambda: state.detail("part", "first")) == "first"


def test_no_more_of_an_address_is_kept_than_a_page_can_need():
    session = Session({**{f"x{i}": "1" for i in range(50)}, "part": "second", "long": "x" * 601})
    assert session.ask(lambda: state.detail("part", "first")) == "first"
    assert session.ask(lambda: state.detail("long", "short")) == "short"


def test_an_address_that_could_be_read_in_part_stays_with_what_is_a_page_s_own():
    session = Session({"size": "63", "part": "second", "from": "mail"})
    assert len(session.run(lambda: state.detail("part", "first"))) == 1
    assert session.address == {"size": "63", "part": "second", "from": "mail"}
