"""A bank as a file: it comes back as it was saved, and whatever else a file may be is refused with its place."""

import io
import json
import pickle
import subprocess
import sys
import time
import tracemalloc
import zipfile

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_engine import LIBRARY
from conv_engine.parametric import PARAMETRIC
from ui.bank_file import MOST_BYTES, SCHEMA, BankFileError, bank_json, bank_npz, load_bank
from ui.experiment import LARGEST_KERNEL, LONGEST_NAME, MOST_FEATURES, OWN, Feature
from ui.layer import bank_of, kernel_of
from ui.weights import LARGEST_WEIGHT


def examples(count):
    return settings(deadline=None, max_examples=count, database=None)


# --- any bank ----------------------------------------------------------------------------------------------

ODD_NUMBERS = (1 / 9, 0.1 + 0.2, 1e-300, 5e-324, -0.0, 1e6, -1e6, 1e-5, 7)
numbers = st.sampled_from(ODD_NUMBERS) | st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6)
names = st.text(max_size=LONGEST_NAME).map(lambda text: "".join(c for c in text if c.isprintable() and c != "~"))
own = st.just(OWN)


@st.composite
def own_weights(draw):
    rows, cols, channels = draw(st.integers(1, 15)), draw(st.integers(1, 15)), draw(st.sampled_from([1, 3]))
    some = draw(st.lists(numbers, min_size=1, max_size=9))
    return tuple(
        tuple(tuple(some[(i * 7 + j * 3 + c) % len(some)] for c in range(channels)) for j in range(cols))
        for i in range(rows)
    )


@st.composite
def parametric(draw):
    key = draw(st.sampled_from(sorted(PARAMETRIC)))
    values = tuple(parameter.default for parameter in PARAMETRIC[key].parameters)
    return Feature(key, None, draw(numbers), draw(names), values)


features = st.builds(Feature, st.sampled_from(sorted(LIBRARY)), st.none(), numbers, names) | st.builds(
    Feature, own, own_weights(), numbers, names
)
if PARAMETRIC:
    features = features | parametric()
banks = st.lists(features, min_size=1, max_size=MOST_FEATURES).map(tuple)

LARGEST = tuple(
    Feature(OWN, ((((1 / 3, -1e-300, 0.1 + 0.2),) * 15),) * 15, -1 / 7, "é" * LONGEST_NAME) for _ in range(16)
)


def arrays_of(data):
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return dict(file)


# --- there and back ----------------------------------------------------------------------------------------


@examples(60)
@given(banks)
def test_json_gives_back_equal_features(bank):
    assert load_bank(bank_json(bank), "bank.json") == bank


@examples(60)
@given(banks)
def test_npz_gives_back_the_same_arrays(bank):
    loaded = load_bank(bank_npz(bank), "bank.npz")
    for channels in (1, 3):
        assert np.array_equal(bank_of(loaded, channels), bank_of(bank, channels))
    assert [feature.bias for feature in loaded] == [feature.bias for feature in bank]
    for feature, before in zip(loaded, bank, strict=True):
        assert feature.kernel == OWN
        assert kernel_of(feature).weights.ndim == kernel_of(before).weights.ndim
        assert feature.name == before.name or not before.name


@examples(30)
@given(banks)
def test_an_npz_that_was_loaded_is_saved_as_it_was(bank):
    loaded = load_bank(bank_npz(bank), "bank.npz")
    assert load_bank(bank_npz(loaded), "bank.npz") == loaded


def test_the_largest_bank_goes_both_ways_and_quickly():
    before = time.perf_counter()
    assert load_bank(bank_json(LARGEST), "") == LARGEST
    assert load_bank(bank_npz(LARGEST), "") == LARGEST
    assert time.perf_counter() - before < 3


def test_a_kernel_of_the_library_keeps_its_name_in_npz():
    (feature,) = load_bank(bank_npz((Feature("sobel_x"),)), "")
    assert feature.name == LIBRARY["sobel_x"].title
    assert feature.weights == tuple(tuple((w,) for w in row) for row in LIBRARY["sobel_x"].weights.tolist())


def test_json_is_written_to_be_read():
    text = bank_json((Feature(OWN, (((1.0,), (0.5,)), ((0.0,), (-2.0,))), 0.25, "Hütte"), Feature())).decode()
    assert '"name": "Hütte"' in text
    assert "        [[1.0], [0.5]],\n        [[0.0], [-2.0]]\n" in text
    first, second = json.loads(text)["features"]
    assert first["weights"] == [[[1.0], [0.5]], [[0.0], [-2.0]]]
    assert second == {"name": "", "kernel": "sobel_x", "parameters": [], "bias": 0.0}


def test_npz_of_kernels_that_are_the_same_for_each_channel_has_one():
    assert arrays_of(bank_npz((Feature("box"), Feature("sobel_x"))))["bank"].shape == (2, 3, 3, 1)


def test_npz_is_what_numpy_loads():
    luma, box = Feature("luma", bias=2.0), Feature("box", name="soft")
    arrays = arrays_of(bank_npz((luma, box)))
    assert {name: (array.shape, array.dtype.str) for name, array in arrays.items() if name != "version"} == {
        "bank": ((2, 3, 3, 3), "<f8"),
        "bias": ((2,), "<f8"),
        "names": ((2,), "<U40"),
        "shared": ((2,), "|b1"),
    }
    assert np.array_equal(arrays["bank"], bank_of((luma, box), 3))
    assert arrays["bias"].tolist() == [2, 0]
    assert arrays["names"].tolist() == [LIBRARY["luma"].title, "soft"]
    assert arrays["shared"].tolist() == [False, True]
    assert arrays["version"] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("indent", [None, 4, "\t"])
def test_json_of_other_editors_is_read(encoding, indent):
    text = json.dumps(json.loads(bank_json(LARGEST)), indent=indent, ensure_ascii=False)
    short = json.dumps(json.loads(bank_json(LARGEST[:1])), indent=indent, ensure_ascii=False)
    assert len(text.encode(encoding)) < MOST_BYTES
    assert load_bank(short.encode(encoding), "bank.json") == LARGEST[:1]


def test_what_is_not_said_is_as_at_the_start():
    text = b'{"format": "convscope-bank", "version": 1, "features": [{"kernel": "box"}]}'
    assert load_bank(text, "") == (Feature("box"),)


def test_the_content_counts_and_not_the_name():
    bank = (Feature("box"),)
    assert load_bank(bank_json(bank), "bank.npz") == bank
    assert load_bank(bank_npz(bank), "bank.json")[0].name == LIBRARY["box"].title


# --- the schema --------------------------------------------------------------------------------------------


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_schema_has_the_limits_of_the_program():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    parts = schema["$defs"]
    feature = parts["feature"]["properties"]
    most = [schema["properties"]["features"]["maxItems"], feature["weights"]["maxItems"], parts["row"]["maxItems"]]
    assert most == [MOST_FEATURES, LARGEST_KERNEL, LARGEST_KERNEL]
    assert (parts["number"]["minimum"], parts["number"]["maximum"]) == (-LARGEST_WEIGHT, LARGEST_WEIGHT)
    assert feature["name"]["maxLength"] == LONGEST_NAME
    assert feature["parameters"]["maxItems"] >= max((len(p.parameters) for p in PARAMETRIC.values()), default=0)
    assert feature["kernel"]["maxLength"] >= max(map(len, (*LIBRARY, *PARAMETRIC, OWN)))
    said = json.dumps(schema)
    assert f"1 to {MOST_FEATURES} features" in said
    assert f"1 to {LARGEST_KERNEL} rows" in said
    assert f"up to {LONGEST_NAME} printable" in said


@examples(20)
@given(banks)
def test_what_is_saved_is_valid_for_everybody_who_has_the_schema(bank):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert jsonschema.Draft202012Validator(schema).is_valid(json.loads(bank_json(bank)))


def test_the_validator_is_not_loaded_before_a_file_is():
    program = "import sys, ui.bank_file; print('jsonschema' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=SCHEMA.parents[1]
    )
    assert done.stdout.strip() == "False"


# --- JSON that is refused ----------------------------------------------------------------------------------


def refusal(data, name="bank.json"):
    with pytest.raises(BankFileError) as caught:
        load_bank(data, name)
    message = str(caught.value)
    assert message.endswith(".")
    assert message.isprintable()
    assert len(message) < 3000
    return message


def bank_with(*entries, head='"format": "convscope-bank", "version": 1'):
    return ('{%s, "features": [%s]}' % (head, ", ".join(entries))).encode()  # noqa: UP031  # braces of JSON


def own_with(weights):
    return bank_with('{"kernel": "box"}', '{"kernel": "box"}', '{"kernel": "own", "weights": %s}' % weights)  # noqa: UP031


NUMBER = "expected a number from -1,000,000 to 1,000,000, got "


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("1e400", "“1e400”"),
        ("-1e400", "“-1e400”"),
        ("NaN", "“NaN”"),
        ("Infinity", "“Infinity”"),
        ("-Infinity", "“-Infinity”"),
        ("9" * 5000, f"“{'9' * 40}…”"),
        ("-" + "9" * 5000, f"“-{'9' * 39}…”"),
        ("1000001", "1000001"),
        ("-1000000.5", "-1000000.5"),
        ('"1/9"', "“1/9”"),
        ('"\\u0000"', "“�”"),
        ("true", "true"),
        ("null", "null"),
        ("[1]", "a list of 1"),
        ("{}", "an object"),
        ('{"a": 1, "a": 2}', "one with the field “a” twice"),
    ],
)
def test_a_number_that_is_none_is_named_with_its_place(written, shown):
    assert (
        refusal(own_with(f"[[[1], [2]], [[{written}], [3]]]")) == f"Feature 3, row 2, column 1: {NUMBER}{shown}."
    )
    three = refusal(own_with(f"[[[1, 2, 3], [4, 5, {written}]]]"))
    assert three == f"Feature 3, row 1, column 2, channel 3: {NUMBER}{shown}."
    assert refusal(bank_with(f'{{"kernel": "box", "bias": {written}}}')) == f"Feature 1, bias: {NUMBER}{shown}."
    parameter = refusal(bank_with(f'{{"kernel": "box", "parameters": [1, {written}]}}'))
    assert parameter == f"Feature 1, parameter 2: {NUMBER}{shown}."


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["empty", "0 bytes"]),
        (b"{}", ["The file", "“format” is missing"]),
        (b'{"format": "convscope-bank", "version": 1}', ["“features” is missing"]),
        (bank_with("{}", head='"format": "other", "version": 1'), ["“format”", "“convscope-bank”", "got “other”"]),
        (bank_with("{}", head='"format": "convscope-bank", "version": 2'), ["“version”", "expected 1", "got 2"]),
        (bank_with("{}", head='"format": "convscope-bank", "version": true'), ["“version”", "got true"]),
        (bank_with("{}", head='"format": NaN, "version": 1'), ["“format”", "got “NaN”"]),
        (bank_with(), ["“features”", "1 to 16", "a list of 0"]),
        (bank_with(*['{"kernel": "box"}'] * 17), ["“features”", "1 to 16", "a list of 17"]),
        (bank_with('{"kernel": "box"}', head='"a": 1, "format": "convscope-bank", "version": 1'), ["field “a”"]),
        (bank_with('{"kernel": "box"}', head='"version": 1, "version": 1'), ["“version” twice"]),
        (bank_with('{"kernel": "box"}', "7"), ["Feature 2", "expected an object", "got 7"]),
        (bank_with("{}"), ["Feature 1", "“kernel” is missing"]),
        (bank_with('{"kernel": "box", "colour": 1}'), ["Feature 1", "“colour”", "bias"]),
        (bank_with('{"kernel": "box", "bias": 1, "bias": 2}'), ["Feature 1", "“bias” twice"]),
        (bank_with('{"kernel": "nope"}'), ["Feature 1", "“nope”", "The page Kernels shows all"]),
        (bank_with('{"kernel": 3}'), ["Feature 1, kernel", "sobel_x", "got 3"]),
        (bank_with('{"kernel": "own"}'), ["Feature 1", "needs weights"]),
        (bank_with('{"kernel": "box", "weights": [[[1]]]}'), ["Feature 1", "weights"]),
        (bank_with('{"kernel": "box", "parameters": [1]}'), ["Feature 1", "no parameters"]),
        (bank_with('{"kernel": "box", "name": "%s"}' % ("a" * 41)), ["Feature 1, name", "40", "a…"]),
        (bank_with('{"kernel": "box", "name": "a~b"}'), ["Feature 1, name", "“~”", "“a~b”"]),
        (bank_with('{"kernel": "box", "name": "a\\nb"}'), ["Feature 1, name", "printable"]),
        (bank_with('{"kernel": "box", "name": "a\\u202eb"}'), ["Feature 1", "printable"]),
        (bank_with('{"kernel": "box", "name": "\\ud800"}'), ["Feature 1", "printable"]),
        (bank_with('{"kernel": "box", "name": NaN}'), ["Feature 1, name", "got “NaN”"]),
        (own_with("[]"), ["Feature 3, weights", "1 to 15 rows", "a list of 0"]),
        (own_with("[" + ", ".join(["[[1]]"] * 16) + "]"), ["Feature 3, weights", "1 to 15 rows", "a list of 16"]),
        (own_with("[[]]"), ["Feature 3, row 1", "1 to 15 cells", "a list of 0"]),
        (own_with("[[" + ", ".join(["[1]"] * 16) + "]]"), ["Feature 3, row 1", "1 to 15 cells", "a list of 16"]),
        (own_with("[[[1], [2]], [[1]]]"), ["Feature 3, row 2", "expected 2 cells", "got 1"]),
        (own_with("[[[1], [2, 3, 4]]]"), ["Feature 3, row 1, column 2", "1, got 3"]),
        (own_with("[[[1, 2]]]"), ["Feature 3, row 1, column 1", "one weight", "three", "a list of 2"]),
        (own_with("[[[]]]"), ["Feature 3, row 1, column 1", "a list of 0"]),
        (own_with("[[1, 2]]"), ["Feature 3, row 1, column 1", "expected a cell", "got 1"]),
        (own_with("[1, 2]"), ["Feature 3, row 1", "expected a row", "got 1"]),
        (b'{"format": "convscope-bank",\n "version": 1,,}', ["Line 2, column 15", "not JSON"]),
        (b'{"format": "convscope-bank"', ["Line 1", "not JSON"]),
        (bank_with('{"kernel": "box"}') + b"x", ["not JSON"]),
        (b'{"a": "\xff"}', ["neither JSON nor NPZ"]),
        (b"\xff\xfe{", ["neither JSON nor NPZ", "ff fe 7b"]),
        (b"[1, 2, 3]", ["neither JSON nor NPZ", "“[1, 2, 3]”"]),
        (b"\x89PNG\r\n\x1a\n", ["neither JSON nor NPZ", "89 50 4e 47"]),
        (b"\x93NUMPY\x01\x00", ["single NumPy array"]),
        (pickle.dumps([1, 2]), ["pickle", "never opened"]),
        (b"\0" * 100, ["neither JSON nor NPZ"]),
    ],
)
def test_the_sentence_names_the_place_and_what_would_be_right(data, words):
    message = refusal(data)
    assert [word for word in words if word not in message] == []


def test_a_name_that_promises_something_else_is_mentioned():
    assert "ends in “.npz”, but the content counts" in refusal(b"1,2", "bank.npz")
    assert "ends in" not in refusal(b"1,2", "bank.txt")


def test_forty_megabytes_are_refused_by_their_size():
    before = time.perf_counter()
    assert "41,943,040 bytes" in refusal(b"[" * (40 * 2**20))
    assert time.perf_counter() - before < 0.5


@pytest.mark.parametrize("depth", [*range(900, 1010, 10), 100_000])
@pytest.mark.parametrize(("opener", "closer"), [("[", "]"), ('{"a":', "}")])
def test_no_nesting_is_too_deep(depth, opener, closer):
    nest = opener * depth + "1" + closer * depth
    assert refusal(b'{"a": ' + nest.encode() + b"}")
    message = refusal(own_with(f"[[[{nest}]]]"))
    assert "nested too deep" in message or message.startswith("Feature 3, row 1, column 1")


@pytest.mark.parametrize(
    "data",
    [
        bank_with("[]," * 1_300_000 + "[]"),
        own_with("[" + "[]," * 1_300_000 + "[]]"),
        bank_with('{"kernel": "box", "parameters": [' + "1," * 1_500_000 + "1]}"),
        ("{" + ",".join(f'"{i}":1' for i in range(300_000)) + ',"1":1}').encode(),
        bank_with('{"kernel": "%s"}' % ("x" * 4_000_000)),
        bank_with('{"kernel": "box", "bias": %s}' % ("9" * 4_000_000)),
        bank_with('{"kernel": "box", "bias": 0.%s}' % ("9" * 4_000_000)),
    ],
    ids=["features", "rows", "parameters", "keys", "kernel", "digits", "decimals"],
)
def test_no_json_takes_long(data):
    assert len(data) <= MOST_BYTES
    before = time.process_time()
    try:
        shown = str(len(load_bank(data, "")))  # 0.999… is a number
    except BankFileError as error:
        shown = str(error)
    assert len(shown) < 3000
    assert time.process_time() - before < 3


# --- NPZ that is refused -----------------------------------------------------------------------------------


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def zipped(members, packing=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def npy(array, allow_pickle=False):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), allow_pickle=allow_pickle)
    return file.getvalue()


def npy_with(header, data=b""):
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


ONES = np.ones((2, 3, 4, 3))


def changed(index, value):
    array = ONES.copy()
    array[index] = value
    return array


def test_a_bank_alone_is_enough():
    for kind in ("<f8", ">f8", "<f4", "<f2", "<i2", ">u4", np.longdouble):
        for array in (ONES.astype(kind), np.asfortranarray(ONES.astype(kind))):
            assert np.array_equal(bank_of(load_bank(npz(bank=array), ""), 3), ONES)
    in_columns = np.asfortranarray(np.arange(72.0).reshape(2, 3, 4, 3))
    assert np.array_equal(bank_of(load_bank(npz(bank=in_columns), ""), 3), in_columns)
    assert load_bank(npz(bank=ONES[..., :1]), "")[0] == Feature(OWN, ((((1.0,),) * 4),) * 3)


class Canary:
    """Says so when it is unpickled."""

    def __reduce__(self):
        return (print, ("the canary sang",))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (npz(bank=changed((1, 2, 0, 2), np.nan)), ["Feature 2, row 3, column 1, channel 3", "nan"]),
        (npz(bank=changed((0, 0, 3, 0), -np.inf)), ["Feature 1, row 1, column 4, channel 1", "-inf"]),
        (npz(bank=changed((0, 0, 0, 0), 1000001)[..., :1]), ["Feature 1, row 1, column 1:", "1000001"]),
        (npz(bank=ONES.astype(np.longdouble) * np.longdouble("1e400")), ["Feature 1, row 1, column 1", "inf"]),
        (npz(bank=ONES, bias=[0, np.nan]), ["Feature 2, bias", "nan"]),
        (npz(bank=ONES, bias=[0.0]), ["“bias”", "each of 2 kernels", "got 1"]),
        (npz(bank=ONES, bias=np.zeros((2, 1))), ["“bias”", "1 axes", "2 × 1"]),
        (npz(bank=ONES, names=["a"]), ["“names”", "each of 2 kernels", "got 1"]),
        (npz(bank=ONES, names=["a", "b" * 41]), ["Feature 2", "40 printable"]),
        (npz(bank=ONES, names=["a", "b\n"]), ["Feature 2", "40 printable"]),
        (npz(bank=ONES, names=[b"a", b"b"]), ["“names”", "texts", "S1"]),
        (npz(bank=ONES, shared=[0, 1]), ["“shared”", "truth values"]),
        (npz(bank=changed((1, 0, 0, 0), 2), shared=[True, True]), ["Feature 2", "“shared”", "differ"]),
        (npz(bank=ONES, version=2), ["version 2", "reads version 1"]),
        (npz(bank=ONES, version=1.0), ["“version”", "integer"]),
        (npz(bank=ONES, version=[1]), ["“version”", "0 axes"]),
        (npz(bias=[1.0]), ["no array “bank”"]),
        (npz(), ["no array “bank”"]),
        (npz(bank=ONES, extra=[1.0]), ["“extra.npy”", "bank, bias, names, shared, version"]),
        (npz(bank=ONES[0]), ["“bank”", "4 axes", "3 × 4 × 3"]),
        (npz(bank=5.0), ["“bank”", "4 axes", "a single number"]),
        (npz(bank=np.ones((17, 3, 3, 3))), ["“bank”", "1 to 16 kernels", "17 × 3 × 3 × 3"]),
        (npz(bank=np.ones((1, 16, 3, 3))), ["“bank”", "1 to 15 rows", "1 × 16 × 3 × 3"]),
        (npz(bank=np.ones((1, 3, 16, 3))), ["“bank”", "1 to 15 columns", "1 × 3 × 16 × 3"]),
        (npz(bank=np.ones((0, 3, 3, 3))), ["“bank”", "0 × 3 × 3 × 3"]),
        (npz(bank=np.ones((1, 0, 3, 3))), ["“bank”", "1 × 0 × 3 × 3"]),
        (npz(bank=np.ones((2, 3, 5, 5))), ["“bank”", "2 × 3 × 5 × 5", "PyTorch's order", "moveaxis"]),
        (npz(bank=ONES.astype(complex)), ["“bank”", "expected numbers", "c16"]),
        (npz(bank=ONES > 0), ["“bank”", "expected numbers", "b1"]),
        (npz(bank=ONES.astype(str)), ["“bank”", "expected numbers", "<U32"]),
        (npz(bank=np.zeros((1, 1, 1, 1), "M8[s]")), ["“bank”", "expected numbers", "M8"]),
        (npz(bank=np.zeros((1, 1, 1, 1), [("a", "f8")])), ["“bank”", "expected numbers"]),
        (npz(bank=np.full((1, 1, 1, 1), Canary())), ["“bank”", "pickled", "never opened"]),
        (npz(bank=ONES, names=np.array(["a", Canary()], dtype=object)), ["“names”", "pickled", "never opened"]),
        (npz(bank=np.zeros((1, 1, 1, 1), [("a", "O")])), ["“bank”", "pickled"]),
        (zipped([("bank.npy", pickle.dumps(Canary()))]), ["damaged"]),
        (zipped([("bank.txt", b"1")]), ["“bank.txt”", "expected the arrays"]),
        (zipped([("../bank.npy", npy(ONES))]), ["“../bank.npy”", "expected the arrays"]),
        (zipped([("bank.npy", npy(ONES))], zipfile.ZIP_BZIP2), ["“bank”", "packed in a rare way"]),
        (zipped([("bank.npy", npy(ONES))], zipfile.ZIP_LZMA), ["“bank”", "packed in a rare way"]),
        (zipped([("bank.npy", npy(ONES)[:-1])]), ["“bank”", "2 × 3 × 4 × 3", "575 bytes"]),
        (zipped([("bank.npy", npy(ONES) + b"\0")]), ["“bank”", "2 × 3 × 4 × 3", "577 bytes"]),
        (zipped([("bank.npy", b"")]), ["damaged"]),
        (zipped([("bank.npy", b"\x93NUMPY\x03\x00")]), ["damaged"]),
        (zipped([("bank.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff")]), ["damaged"]),
        *(
            (zipped([("bank.npy", npy_with(header, b"\0" * 8))]), words)
            for header, words in (
                ("{'descr': '<f8', 'fortran_order': False, 'shape': (10**9,)}", ["damaged"]),
                ("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 1, 1, 1)}", ["8 bytes"]),
                ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1, 1, 1)}", ["-1", "8 bytes"]),
                ("{'descr': '<f8', 'fortran_order': False, 'shape': (1.0, 1, 1, 1)}", ["damaged"]),
                ("{'descr': '|O', 'fortran_order': False, 'shape': (1, 1, 1, 1)}", ["pickled"]),
                ("__import__('os').abort()", ["damaged"]),
                ("(" * 5000, ["damaged"]),
                ("[" * 9000 + "]" * 900, ["damaged"]),
                ("{" + " " * 20_000 + "}", ["damaged"]),
            )
        ),
        (b"PK\3\4", ["damaged"]),
        (b"PK\3\4" + b"\0" * 1000, ["damaged"]),
        (b"PK\5\6" + b"\0" * 18, ["no array “bank”"]),
    ],
)
def test_an_npz_that_is_none_is_refused_with_its_place(data, words, capsys):
    message = refusal(data, "bank.npz")
    assert [word for word in words if word not in message] == []
    assert capsys.readouterr().out == ""


def test_texts_without_letters_and_bytes_that_are_none():
    empty = zipped([("bank.npy", npy(ONES)), ("names.npy", npy(np.zeros(2, "<U0")))])
    assert [feature.name for feature in load_bank(empty, "")] == ["", ""]
    broken = np.array([0xFFFFFFFF] * 2, "<u4").view("<U1")
    assert "no characters" in refusal(zipped([("bank.npy", npy(ONES)), ("names.npy", npy(broken))]))


def test_an_array_that_is_there_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped([("bank.npy", npy(ONES)), ("bank.npy", npy(ONES))])
    assert "“bank.npy”" in refusal(data)


def test_an_encrypted_member_is_refused():
    data = bytearray(npz(bank=ONES))
    directory = data.index(b"PK\1\2")
    data[directory + 8] |= 1
    assert "encrypted" in refusal(bytes(data))


BOMB = b"\0" * (100 * 2**20)


def test_a_zip_bomb_is_refused_by_the_directory_before_anything_is_unpacked(monkeypatch):
    data = zipped([("bank.npy", BOMB)])
    assert len(data) < 2**20
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("it was unpacked"))
    assert "104,857,600 bytes" in refusal(data)


def test_many_members_that_are_large_together_are_refused():
    part = b"\0" * (MOST_BYTES // 2)
    data = zipped([("bank.npy", part), ("bias.npy", part), ("names.npy", b"\0")])
    assert f"{MOST_BYTES + 1:,} bytes" in refusal(data)


def test_a_directory_that_lies_about_the_size_does_not_unpack_more():
    data = bytearray(zipped([("bank.npy", BOMB)]))
    directory = data.index(b"PK\1\2")
    data[directory + 24 : directory + 28] = (1000).to_bytes(4, "little")
    file = bytes(data)
    tracemalloc.start()
    try:
        message = refusal(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "damaged" in message
    assert peak < 10 * 2**20


def test_a_bank_of_a_thousand_members_is_refused_quickly():
    data = zipped([(f"{i}.npy", b"") for i in range(30_000)], zipfile.ZIP_STORED)
    assert len(data) < MOST_BYTES
    before = time.perf_counter()
    refusal(data)
    assert time.perf_counter() - before < 3


@examples(150)
@given(st.data())
def test_a_file_with_wrong_bytes_is_a_bank_or_a_sentence(data):
    bank = (Feature(OWN, (((1.0,), (2.0,)),), 1.0, "a"), Feature("luma"))
    file = bytearray(data.draw(st.sampled_from([bank_json(bank), bank_npz(bank), npz(bank=ONES)])))
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    del file[data.draw(st.integers(1, len(file))) :]
    try:
        verdict = all(isinstance(feature, Feature) for feature in load_bank(bytes(file), "bank"))
    except BankFileError as error:
        verdict = str(error).endswith(".") and str(error).isprintable()
    assert verdict
