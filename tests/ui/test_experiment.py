"""The experiment and its address: what can be, how it is written, and what is made of any text at all."""

import math
from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_engine import BOUNDARIES, LIBRARY, PADDINGS, ConvSpec
from conv_engine.parametric import PARAMETRIC
from ui.experiment import MOST_FEATURES, OWN, Experiment, ExperimentError, Feature, Place
from ui.images import SAMPLES, WORKING_SIZES

NAMES = ("img", "size", "c", "u", "k", "b", "n", "s", "p", "d", "edge", "flip", "at")
"""The parameters of an address besides its version. Links are kept for years, so these never change."""


def examples(count):
    return settings(deadline=None, max_examples=count, database=None)


# --- any experiment, and any text --------------------------------------------------------------------------

ODD_NUMBERS = (1 / 9, -1 / 3, 0.1 + 0.2, 1e-300, 5e-324, -0.0, 1e6, -1e6, math.nextafter(1e6, 0), 1e-5, 7)


def numbers():
    return st.sampled_from(ODD_NUMBERS) | st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6)


@st.composite
def own_weights(draw):
    rows, cols, channels = draw(st.integers(1, 15)), draw(st.integers(1, 15)), draw(st.sampled_from([1, 3]))
    some = draw(st.lists(numbers(), min_size=1, max_size=9))
    # Repeated: what matters is the shape and each number, and 675 drawn numbers are slow.
    return tuple(
        tuple(tuple(some[(i * 7 + j * 3 + c) % len(some)] for c in range(channels)) for j in range(cols))
        for i in range(rows)
    )


GABOR = tuple(parameter.default for parameter in PARAMETRIC["gabor_wave"].parameters)


@st.composite
def parametric(draw):
    kernel = draw(st.sampled_from(sorted(PARAMETRIC)))
    steps = [
        (parameter, draw(st.integers(0, round((parameter.most - parameter.least) / parameter.step))))
        for parameter in PARAMETRIC[kernel].parameters
    ]
    values = tuple(min(parameter.least + step * parameter.step, parameter.most) for parameter, step in steps)
    return Feature(kernel, bias=draw(st.just(0.0) | numbers()), parameters=values)


def features():
    named = (
        st.builds(Feature, kernel=st.sampled_from(sorted(LIBRARY)), bias=st.just(0.0) | numbers()) | parametric()
    )
    own = st.builds(Feature, kernel=st.just(OWN), weights=own_weights(), bias=st.just(0.0) | numbers())
    return named | own


@st.composite
def specs(draw):
    pad = st.integers(0, 64)
    stride, dilation = st.integers(1, 64), st.integers(1, 16)
    return ConvSpec.of(
        stride=draw(st.tuples(stride, stride)),
        padding=draw(st.sampled_from(PADDINGS) | st.tuples(st.tuples(pad, pad), st.tuples(pad, pad))),
        dilation=draw(st.tuples(dilation, dilation)),
        boundary=draw(st.sampled_from(BOUNDARIES)),
    )


def experiments():
    index = st.integers(0, 10**7)
    return st.builds(
        Experiment,
        picture=st.sampled_from([*SAMPLES, OWN]),
        size=st.sampled_from(WORKING_SIZES),
        features=st.lists(features(), min_size=1, max_size=MOST_FEATURES).map(tuple),
        spec=specs(),
        flip=st.booleans(),
        grey=st.booleans(),
        unit=st.booleans(),
        place=st.builds(Place, index, index, index),
    )


UNREADABLE = (
    "",
    " ",
    "?",
    "-",
    "~",
    ".",
    "é",
    "\0",
    "\n",
    "\x1b[31m",
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "1e999",
    "٣",
    "٣x٣",
    "１",
    "²",
    "1 ",
    "1_000",
    "0x1F",
    "True",
    "None",
    "9" * 10**5,
    "1e" + "9" * 10**5,
    "x" * 10**5,
    "box~" * 25_000,
    "1x" * 50_000,
    "😀" * 41,
)
"""Texts that no parameter of an address understands."""

garbage = (
    st.sampled_from(UNREADABLE)
    | st.text(max_size=30)
    | st.text("0123456789x_~.-+e", max_size=30)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.sampled_from([*SAMPLES, *LIBRARY, *PADDINGS, *BOUNDARIES, OWN, "1x1x1_5", "1x1", "0"])
)


@st.composite
def mutated_queries(draw):
    """Draw the query of an experiment, with a few characters or whole parts damaged."""
    query = draw(experiments()).to_query()
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(NAMES))
        text = query.get(name, "")
        at = draw(st.integers(0, len(text)))
        end = at + draw(st.integers(0, 3))
        put = draw(st.text(max_size=2) | st.text("0123456789x_~.-e", max_size=3))
        query[name] = text[:at] + put + text[end:]
    return query


# --- there and back ----------------------------------------------------------------------------------------


@examples(150)
@given(experiments())
def test_what_is_written_is_read_back_as_it_was(experiment):
    reading = Experiment.from_query(experiment.to_query())
    assert reading.experiment == experiment
    assert reading.problems == ()


@pytest.mark.parametrize("weight", ODD_NUMBERS, ids=repr)
def test_an_odd_weight_is_read_back_to_the_last_bit(weight):
    experiment = Experiment(features=(Feature(OWN, (((weight,),),), bias=weight),))
    (feature,) = Experiment.from_query(experiment.to_query()).experiment.features
    assert feature.weights == (((weight,),),)
    assert feature.bias == weight


def test_the_largest_bank_of_the_largest_kernels_is_read_back():
    cell = (1 / 9, -1e-300, 123456.78901234567)
    experiment = Experiment(features=(Feature(OWN, ((cell,) * 15,) * 15, bias=-1 / 3),) * MOST_FEATURES)
    assert Experiment.from_query(experiment.to_query()) == (experiment, ())


@examples(150)
@given(experiments())
def test_an_address_needs_no_escape(experiment):
    query = experiment.to_query()
    assert [quote(text, safe="") for text in (*query, *query.values())] == [*query, *query.values()]


@examples(30)
@given(experiments())
def test_an_address_survives_a_browser(experiment):
    assert dict(parse_qsl(urlencode(experiment.to_query()), strict_parsing=True)) == experiment.to_query()


@examples(60)
@given(experiments())
def test_an_address_begins_with_its_version_and_uses_known_names_only(experiment):
    names = list(replace(experiment, flip=True).to_query())
    assert names[0] == "v"
    assert [name for name in NAMES if name in names] == names[1:]


def test_the_first_screen_has_the_bare_address():
    assert Experiment().to_query() == {}


def test_the_bare_address_opens_the_first_screen():
    assert Experiment.from_query({}) == (Experiment(), ())


def test_the_first_screen_shows_something():
    start = Experiment()
    assert start.picture in SAMPLES
    assert start.size == 32
    assert len(start.features) == 1


@pytest.mark.parametrize(
    ("experiment", "query"),
    [
        pytest.param(Experiment(picture="cat"), {"img": "cat"}, id="picture"),
        pytest.param(Experiment(picture=OWN), {"img": "own"}, id="own picture"),
        pytest.param(Experiment(size="original"), {"size": "original"}, id="original size"),
        pytest.param(Experiment(size=8), {"size": "8"}, id="size"),
        pytest.param(Experiment(features=(Feature("box"), Feature("luma"))), {"k": "box~luma"}, id="bank"),
        pytest.param(
            Experiment(features=(Feature(OWN, (((1,), (-0.5,)),)),)), {"k": "1x2x1_1_-0.5"}, id="own kernel"
        ),
        pytest.param(
            Experiment(features=(Feature(OWN, (((1.0, 2.0, 1e-300),),)),)),
            {"k": "1x1x3_1_2_1e-300"},
            id="own kernel for three channels",
        ),
        pytest.param(Experiment(features=(Feature(bias=-2.5),)), {"b": "-2.5"}, id="bias"),
        pytest.param(
            Experiment(features=(Feature("gauss", parameters=(1.5,)), Feature("gabor_wave", parameters=GABOR))),
            {"k": "gauss-1.5~gabor_wave-" + "-".join(f"{value:g}" for value in GABOR)},
            id="parametric kernels",
        ),
        pytest.param(Experiment(features=(Feature(name="Käse & Brot"),)), {"n": "Käse & Brot"}, id="name"),
        pytest.param(Experiment(spec=ConvSpec.of(stride=(2, 3))), {"s": "2x3"}, id="stride"),
        pytest.param(Experiment(spec=ConvSpec.of(padding="same")), {"p": "same"}, id="padding"),
        pytest.param(
            Experiment(spec=ConvSpec.of(padding=((1, 2), (3, 4)))), {"p": "1-2-3-4"}, id="padding in pixels"
        ),
        pytest.param(Experiment(spec=ConvSpec.of(dilation=(1, 4))), {"d": "1x4"}, id="dilation"),
        pytest.param(Experiment(spec=ConvSpec.of(boundary="reflect")), {"edge": "reflect"}, id="boundary"),
        pytest.param(Experiment(flip=True), {"flip": "1"}, id="flip"),
        pytest.param(Experiment(grey=True), {"c": "grey"}, id="grey"),
        pytest.param(Experiment(unit=True), {"u": "1"}, id="pixel values from 0 to 1"),
        pytest.param(Experiment(place=Place(4, 7, 2)), {"at": "4.7.2"}, id="place"),
    ],
)
def test_an_address_holds_what_differs_from_the_first_screen_and_no_more(experiment, query):
    assert experiment.to_query() == {"v": "1", **query}
    assert Experiment.from_query({"v": "1", **query}) == (experiment, ())


# --- any text at all ---------------------------------------------------------------------------------------


def assert_reading(reading, query):
    """Whatever the query: a valid experiment, and at most one sentence for each part, which names it."""
    assert isinstance(reading.experiment, Experiment)
    assert Experiment.from_query(reading.experiment.to_query()) == (reading.experiment, ())
    named = [name for problem in reading.problems for name in query if f"{name}=" in problem[: len(name) + 2]]
    assert len(named) == len(set(named)) == len(reading.problems)
    assert all(problem.endswith(".") and len(problem) < 600 for problem in reading.problems)


@examples(200)
@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5).filter(lambda name: name != "v"), garbage))
def test_any_text_opens_an_experiment(query):
    assert_reading(Experiment.from_query(query), query)


@examples(120)
@given(mutated_queries())
def test_a_damaged_address_opens_an_experiment(query):
    assert_reading(Experiment.from_query(query), query)


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: ascii(text[:12]))
def test_each_part_that_cannot_be_read_is_said_in_a_sentence_that_names_it(text):
    parts = [name for name in NAMES if name != "n"]  # almost any text is a name
    reading = Experiment.from_query(dict.fromkeys(parts, text))
    assert reading.experiment == Experiment()
    assert len(reading.problems) == len(parts)
    for name, problem in zip(parts, reading.problems, strict=True):
        assert problem.startswith(f"“{name}={text[:40] if text.isprintable() else ''}")
        assert problem.endswith(".")
        assert len(problem) < 600


@examples(150)
@given(
    experiments(),
    st.sets(st.sampled_from(NAMES).filter(lambda n: n != "n"), min_size=1),
    st.sampled_from(UNREADABLE),
)
def test_what_can_be_read_is_kept_beside_what_cannot(experiment, damaged, text):
    if "k" in damaged:
        damaged = damaged | {"b"}  # biases belong to the kernels of their bank
    query = {**experiment.to_query(), **dict.fromkeys(damaged, text)}
    start = Experiment()
    kept_bank = experiment.features if "k" not in damaged else start.features
    expected = Experiment(
        picture=start.picture if "img" in damaged else experiment.picture,
        size=start.size if "size" in damaged else experiment.size,
        features=tuple(replace(feature, bias=0.0) for feature in kept_bank) if "b" in damaged else kept_bank,
        spec=ConvSpec.of(
            stride=1 if "s" in damaged else experiment.spec.stride,
            padding="valid" if "p" in damaged else experiment.spec.padding,
            dilation=1 if "d" in damaged else experiment.spec.dilation,
            boundary="zeros" if "edge" in damaged else experiment.spec.boundary,
        ),
        flip=False if "flip" in damaged else experiment.flip,
        grey=False if "c" in damaged else experiment.grey,
        unit=False if "u" in damaged else experiment.unit,
        place=start.place if "at" in damaged else experiment.place,
    )
    reading = Experiment.from_query(query)
    assert reading.experiment == expected
    assert [problem[1:].split("=")[0] for problem in reading.problems] == [n for n in NAMES if n in damaged]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("img", "dog", ["dog", "face", "cat"]),
        ("img", "Face", ["Face"]),
        ("size", "33", ["33", "8, 16, 32", "original"]),
        ("size", "-32", ["-32"]),
        ("size", "32.0", ["whole number"]),
        ("k", "sobel", ["sobel", "sobel_x"]),
        ("k", "box~", ["There is no kernel “”"]),
        ("k", "own", ["weights"]),
        ("k", "~".join(["box"] * 17), ["1 to 16 features"]),
        ("k", "3x3x1_1_2", ["3x3x1", "9 weights", "there are 2"]),
        ("k", "3x3_1", ["3x3x1", "3x3"]),
        ("k", "1x1x2_1_2", ["1x1x2"]),
        ("k", "0x1x1", ["1 to 15 rows and columns"]),
        ("k", "1x0x1", ["1 to 15 rows and columns", "1 × 0"]),
        ("k", "16x1x1" + "_1" * 16, ["1 to 15 rows and columns", "16 × 1"]),
        ("k", "15x15x3" + "_1" * 676, ["675 weights"]),
        ("k", "1x1x1_1000001", ["each weight", "1,000,000", "1000001"]),
        ("k", "1x1x1_nan", ["nan", "not a number"]),
        ("k", "1x1x1_1.2.3", ["1.2.3", "not a number"]),
        ("b", "1~2", ["features: 1", "biases: 2"]),
        ("b", "-1000000.5", ["the bias", "1,000,000", "-1000000.5"]),
        ("s", "0x1", ["tride", "0", "rows"]),
        ("s", "1x65", ["stride of the columns", "1 to 64", "65"]),
        ("s", "1x2x3", ["such as 2x1"]),
        ("s", "2x", ["whole number"]),
        ("p", "big", ["adding", "valid", "same", "full", "big"]),
        ("p", "-1", ["adding", "-1"]),
        ("p", "1-2-3", ["top-bottom-left-right"]),
        ("p", "1-2-3-4-5", ["top-bottom-left-right"]),
        ("p", "0-0-65-0", ["padding at the left", "0 to 64", "65"]),
        ("d", "1x17", ["dilation of the columns", "1 to 16", "17"]),
        ("d", "0x1", ["ilation", "0", "rows"]),
        ("edge", "torus", ["oundary", "circular", "torus"]),
        ("flip", "2", ["1", "0"]),
        ("flip", "yes", ["1", "0"]),
        ("c", "1", ["grey for a picture in grey", "rgb for one in colours"]),
        ("u", "255", ["1 for pixel values from 0 to 1", "0 for those from 0 to 255"]),
        ("at", "1.2", ["row.column.feature"]),
        ("at", "1.2.3.4", ["row.column.feature"]),
        ("at", "-1.0.0", ["row of the place", "-1"]),
        ("at", "0.10000001.0", ["column of the place", "10,000,000"]),
        ("at", "0.0.99999999999", ["99999999999"]),
    ],
)
def test_the_sentence_says_what_is_wrong_and_what_would_be_right(name, text, words):
    reading = Experiment.from_query({"v": "1", name: text})
    assert reading.experiment == Experiment()
    (problem,) = reading.problems
    assert problem.startswith(f"“{name}={text[:40]}")
    said = problem[len(f"“{name}={text[:40]}") :]
    assert [word for word in words if word not in said] == []


@examples(150)
@given(st.sampled_from(NAMES), st.text("abc019\n\r\t\0\x1b\u2028\u202e\u200b", min_size=1, max_size=12))
def test_a_sentence_shows_no_control_characters(name, text):
    problems = Experiment.from_query({name: text}).problems
    assert [problem for problem in problems if not problem.isprintable()] == []


@examples(60)
@given(experiments(), st.dictionaries(st.text(max_size=8), st.text(max_size=8)))
def test_unknown_parameters_are_passed_over(experiment, strange):
    strange = {name: text for name, text in strange.items() if name not in ("v", *NAMES)}
    reading = Experiment.from_query({"utm_source": "news", "K": "box", **strange, **experiment.to_query()})
    assert reading == (experiment, ())


@pytest.mark.parametrize("version", ["2", "0", "", "01", "1.0", "１", " 1", "one", "9" * 10**5])
def test_an_address_of_another_version_is_refused_as_a_whole(version):
    reading = Experiment.from_query({"v": version, "img": "cat", "k": "nonsense"})
    assert reading.experiment == Experiment()
    (problem,) = reading.problems
    assert f"version “{version[:40]}" in problem
    assert "version 1" in problem
    assert len(problem) < 200


def test_an_address_without_a_version_is_read_as_the_first():
    assert Experiment.from_query({"img": "cat"}) == (Experiment(picture="cat"), ())


# --- what cannot be ----------------------------------------------------------------------------------------

ONE = (((1.0,),),)


@pytest.mark.parametrize(
    ("make", "arguments", "words"),
    [
        pytest.param(Feature, {"kernel": "sobel"}, ["sobel", "sobel_x"], id="unknown kernel"),
        pytest.param(Feature, {"kernel": "x" * 99}, ["x" * 40 + "…"], id="endless kernel"),
        pytest.param(Feature, {"kernel": OWN}, ["own kernel", "weights"], id="own kernel without weights"),
        pytest.param(Feature, {"kernel": "box", "weights": ONE}, ["named"], id="named kernel with weights"),
        pytest.param(Feature, {"kernel": OWN, "weights": ()}, ["1 to 15", "0 × 0"], id="no rows"),
        pytest.param(Feature, {"kernel": OWN, "weights": ((),)}, ["1 to 15", "1 × 0"], id="no columns"),
        pytest.param(
            Feature, {"kernel": OWN, "weights": (((1.0,),),) * 16}, ["1 to 15", "16 × 1"], id="too many rows"
        ),
        pytest.param(
            Feature, {"kernel": OWN, "weights": (((1.0,),) * 16,)}, ["1 to 15", "1 × 16"], id="too many columns"
        ),
        pytest.param(Feature, {"kernel": OWN, "weights": (((),),)}, ["channel"], id="no channels"),
        pytest.param(Feature, {"kernel": OWN, "weights": (((1.0, 2.0),),)}, ["three"], id="two channels"),
        pytest.param(
            Feature,
            {"kernel": OWN, "weights": (((1.0,), (1.0,)), ((1.0,),))},
            ["as many weights in each row"],
            id="ragged rows",
        ),
        pytest.param(
            Feature,
            {"kernel": OWN, "weights": (((1.0,), (1.0, 1.0, 1.0)),)},
            ["as many weights in each row"],
            id="ragged channels",
        ),
        *(
            pytest.param(
                Feature, {"kernel": OWN, "weights": (((bad,),),)}, ["each weight", word], id=f"weight {word}"
            )
            for bad, word in (
                (math.nan, "nan"),
                (math.inf, "inf"),
                (-math.inf, "-inf"),
                (math.nextafter(1e6, math.inf), "1,000,000"),
                ("1", "1"),
                (True, "True"),
                (None, "None"),
                (1j, "1j"),
            )
        ),
        *(
            pytest.param(Feature, {"bias": bad}, ["the bias", word], id=f"bias {word}")
            for bad, word in ((math.nan, "nan"), (-math.inf, "-inf"), (1_000_001, "1000001"), (False, "False"))
        ),
        pytest.param(Experiment, {"picture": "dog"}, ["dog", "cat", "face"], id="unknown picture"),
        pytest.param(Experiment, {"picture": ""}, ["“”", "face"], id="no picture"),
        pytest.param(Experiment, {"size": 33}, ["33", "8, 16, 32", "original"], id="unknown size"),
        pytest.param(Experiment, {"size": 0}, ["0", "8, 16, 32"], id="no size"),
        pytest.param(Experiment, {"size": "32"}, ["32"], id="size as text"),
        pytest.param(Experiment, {"size": True}, ["True"], id="size as truth"),
        pytest.param(Experiment, {"size": None}, ["None"], id="size of nothing"),
        pytest.param(Experiment, {"features": ()}, ["1 to 16", "0"], id="no features"),
        pytest.param(Experiment, {"features": (Feature(),) * 17}, ["1 to 16", "17"], id="too many features"),
        *(
            pytest.param(Experiment, {"spec": ConvSpec(**part)}, words, id=f"spec of {part}")
            for part, words in (
                ({"stride": (65, 1)}, ["stride of the rows", "1 to 64", "65"]),
                ({"stride": (1, 0)}, ["stride of the columns", "0"]),
                ({"stride": (1.0, 1)}, ["stride of the rows", "1.0"]),
                ({"dilation": (1, 17)}, ["dilation of the columns", "1 to 16", "17"]),
                ({"dilation": (True, 1)}, ["dilation of the rows", "True"]),
                ({"padding": ((65, 0), (0, 0))}, ["padding at the top", "0 to 64", "65"]),
                ({"padding": ((0, -1), (0, 0))}, ["padding at the bottom", "-1"]),
                ({"padding": ((0, 0), (0.5, 0))}, ["padding at the left", "0.5"]),
                ({"padding": ((0, 0), (0, 10**9))}, ["padding at the right", "1000000000"]),
                ({"groups": 3}, ["one group", "3"]),
            )
        ),
        *(
            pytest.param(Experiment, {"place": Place(*place)}, words, id=f"place {place}")
            for place, words in (
                ((-1, 0, 0), ["row of the place", "-1"]),
                ((0, 10**7 + 1, 0), ["column of the place", "10,000,000", "10000001"]),
                ((0, 0, 0.0), ["feature of the place", "0.0"]),
                ((True, 0, 0), ["row of the place", "True"]),
                ((None, 0, 0), ["row of the place", "None"]),
            )
        ),
    ],
)
def test_what_cannot_be_cannot_be_made(make, arguments, words):
    with pytest.raises(ExperimentError) as caught:
        make(**arguments)
    message = str(caught.value)
    assert [word for word in words if word not in message] == []
    assert message.endswith(".")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        pytest.param({"spec": ConvSpec(padding="odd")}, ["adding", "odd"], id="a padding that is no word of ours"),
        pytest.param({"spec": ConvSpec(boundary="odd")}, ["oundary", "odd"], id="a boundary that is none"),
        pytest.param({"size": 32.0}, ["size", "32.0"], id="a size that is no integer"),
        pytest.param({"flip": "yes"}, ["flip", "yes"], id="a flip that is a word"),
        pytest.param({"flip": 2}, ["flip", "2"], id="a flip that is a number"),
        pytest.param({"grey": "grey"}, ["grey", "True or False"], id="grey as a word"),
        pytest.param({"unit": 255}, ["unit", "255"], id="a unit that is a number"),
    ],
)
def test_what_no_address_could_give_back_cannot_be_made(parts, words):
    with pytest.raises(ExperimentError) as caught:
        Experiment(**parts)
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    "make",
    [
        lambda experiment: replace(experiment, size=33),
        lambda experiment: replace(experiment, features=()),
        lambda experiment: replace(experiment.features[0], bias=math.nan),
    ],
    ids=["size", "features", "bias"],
)
def test_a_copy_is_checked_like_the_first(make):
    with pytest.raises(ExperimentError):
        make(Experiment())


def test_one_number_stands_for_rows_and_columns():
    experiment, problems = Experiment.from_query({"s": "2", "d": "3"})
    assert problems == ()
    assert (experiment.spec.stride, experiment.spec.dilation) == ((2, 2), (3, 3))
