"""Kernels as text: every writing that is read, the way there and back, and what is refused and how."""

import builtins
import json
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.pasted import LONGEST_PASTE, STYLES, format_kernel, parse_pasted
from ui.weights import LARGEST_WEIGHT, WeightError


def examples(count):
    return settings(deadline=None, max_examples=count, database=None)


ODD_NUMBERS = (0.0, 1.0, -2.0, 1 / 9, -1 / 3, 0.1 + 0.2, 1e-300, 5e-324, 1e6, -1e6, np.nextafter(1e6, 0).item())
doubles = st.sampled_from(ODD_NUMBERS) | st.floats(-LARGEST_WEIGHT, LARGEST_WEIGHT)


@st.composite
def arrays(draw, *axes):
    """An array of this many axes, each a strategy for its length."""
    shape = [draw(axis) for axis in axes]
    some = draw(st.lists(doubles, min_size=1, max_size=7))
    # Repeated: what matters is the shape and each number, and 675 drawn numbers are slow.
    return np.resize(np.array(some), shape)


length = st.integers(1, 15)
kernels = arrays(length, length, st.sampled_from([1, 3]))


def nested(array):
    """(kh, kw, C) as the tuples that the screen keeps."""
    return tuple(tuple(tuple(cell) for cell in row) for row in array.tolist())


def shared(rows):
    return nested(np.array(rows, dtype=float)[:, :, np.newaxis])


def said_of(text):
    """How it was read, or why not."""
    try:
        return parse_pasted(text).how
    except WeightError as error:
        return str(error)


def only(text):
    (kernel,) = parse_pasted(text).kernels
    return kernel


# --- there and back ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
@examples(60)
@given(kernel=kernels)
def test_what_is_written_is_read_back_as_the_very_same_doubles(style, kernel):
    assert parse_pasted(format_kernel(nested(kernel), style)).kernels == (nested(kernel),)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_largest_kernel_goes_there_and_back(style, channels):
    kernel = nested(np.random.default_rng(0).normal(size=(15, 15, channels)))
    assert only(format_kernel(kernel, style)) == kernel


@examples(60)
@given(kernels)
def test_json_is_what_json_reads(kernel):
    flat = kernel[:, :, 0] if kernel.shape[2] == 1 else kernel
    assert json.loads(format_kernel(nested(kernel), "json")) == flat.tolist()


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("spreadsheet", "1\t0.5\n0\t-2"),
        ("numpy", "np.array([\n  [1.0, 0.5],\n  [0.0, -2.0]\n])"),
        ("python", "[\n  [1.0, 0.5],\n  [0.0, -2.0]\n]"),
        ("json", "[\n  [1.0, 0.5],\n  [0.0, -2.0]\n]"),
        ("matlab", "[1 0.5\n 0 -2]"),
    ],
)
def test_each_style_is_written_as_its_program_does(style, text):
    assert format_kernel(shared([[1, 0.5], [0, -2]]), style) == text


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("spreadsheet", "1\n\n2\n\n3"),
        ("numpy", "np.array([\n  [[1.0, 2.0, 3.0]]\n])"),
        ("matlab", "cat(3, ...\n[1], ...\n[2], ...\n[3])"),
    ],
)
def test_three_channels_are_written_as_its_program_does(style, text):
    assert format_kernel((((1.0, 2.0, 3.0),),), style) == text


def test_there_are_no_other_styles():
    with pytest.raises(ValueError, match=r"spreadsheet, numpy, python, json, matlab, got 'excel'"):
        format_kernel((((1.0,),),), "excel")


@examples(60)
@given(
    arrays(length, length)
    | arrays(length, length, st.just(3))
    | arrays(st.integers(1, 4), st.integers(2, 9), st.integers(2, 9), st.sampled_from([1, 3]))
)
def test_what_numpy_prints_is_read(array):
    # All digits, and no summary, whatever the size.
    with np.printoptions(floatmode="unique", precision=17, threshold=10**6):
        printed = [str(array), repr(array), f"x = {array!r}"]
    listed = [repr(array.tolist()), repr(list(map(list, array))) if array.ndim == 2 else repr(array.tolist())]
    bank = array if array.ndim == 4 else array.reshape(1, *array.shape[:2], -1)
    expected = tuple(nested(kernel) for kernel in bank)
    assert [parse_pasted(text).kernels for text in (*printed, *listed)] == [expected] * 5


# --- what is read ------------------------------------------------------------------------------------------

PREWITT = shared([[1, 0, -1], [1, 0, -1]])


@pytest.mark.parametrize(
    "text",
    [
        "1\t0\t-1\n1\t0\t-1",
        "1\t0\t-1\r\n1\t0\t-1\r\n",
        "1;0;-1\n1;0;-1",
        "1; 0; -1;\n1; 0; -1;",
        "1,0,-1\n1,0,-1",
        "1, 0, −1,\n1, 0, −1,",
        "1 0 -1\n1 0 -1",
        "  1    0   -1\n  1    0   -1\n\n",
        "1 0 -1; 1 0 -1",
        "1, 0, -1; 1, 0, -1;",
        "1,0,-1;\n1,0,-1;\n",
        '"1","0","-1"\n"1","0","-1"',
        "1,0\t0,0\t-1,0\n1,0\t0,0\t-1,0",
        "1,0;0,0;-1,0\n1,0;0,0;-1,0",
        "1,0 0,0 -1,0\n1,0 0,0 -1,0",
        "1.0\u00a00\u00a0-1\n1 0 -1",
        "\ufeff1\t0\t-1\n1\t0\t-1",
        "[[1. 0. -1.]\n [1. 0. -1.]]",
        "[[ 1.  0. -1.]\n [ 1.  0. -1.]]",
        "[[ 1.,  0., -1.],\n [ 1.,  0., -1.],]",
        "array([[ 1,  0, -1],\n       [ 1,  0, -1]])",
        "array([[ 1.,  0., -1.],\n       [ 1.,  0., -1.]], dtype=float32)",
        "np.array([[1, 0, -1], [1, 0, -1]], np.float32)",
        "np.asarray(((1, 0, -1), (1, 0, -1)), dtype='<f4')",
        "[[np.float64(1.0), np.float64(0.0), np.float64(-1.0)], [np.int64(1), np.int64(0), np.int64(-1)]]",
        "tensor([[ 1.0000,  0.0000, -1.0000],\n        [ 1.0000,  0.0000, -1.0000]], device='cuda:0')",
        "tensor([[1., 0., -1.], [1., 0., -1.]], grad_fn=<MulBackward0>)",
        "kernel = torch.tensor([[1., 0., -1.], [1., 0., -1.]], requires_grad=True)",
        "((1, 0, -1), (1, 0, -1))",
        "[(1, 0, -1), (1, 0, -1)]",
        "[[1, 0, -1],\n\n [1,\n 0,\n -1]]",
        '[["1", "0", "-1"], ["2/2", "0", "-1"]]',
        "[['1', '0', '-1'], ['1', '0', '-1']]",
        "[1 0 -1; 1 0 -1]",
        "[1, 0, -1; 1, 0, -1];",
        "[1 0 −1; 1 0 −1]",
        "k = [1 0 -1\n     1 0 -1];",
        "k = [ ...\n 1 0 ...\n -1; ...\n 1 0 -1 ];",
        "[[1 0 -1]; [1 0 -1]]",
        "[+1 - 0 -1; 1 0 -1]".replace("- 0", "-0"),
        "double([1 0 -1; 1 0 -1])",
        "[9 0 -9; 9 0 -9]/9",
        "[9 0 -9; 9 0 -9] ./ 9",
        "1/9*[9 0 -9; 9 0 -9]",
        "(1/9) * [9 0 -9; 9 0 -9]",
        "-[-1 0 1; -1 0 1]",
        "[2 0 -2; 2 0 -2] * 0.5",
        "np.array([[16, 0, -16], [16, 0, -16]]) / 16",
        "1/16 * np.array([[16, 0, -16], [16, 0, -16]])",
        "[[9/9, 0/9, -9/9], [9 / 9, 0, -1]]",
        "[2e6 0 -2e6; 2e6 0 -2e6] / 2e6",
    ],
)
def test_a_writing_is_read(text):
    assert parse_pasted(text).kernels == (PREWITT,)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("5", [[5]]),
        ("[5]", [[5]]),
        ("(5)", [[5]]),
        ("[1 2 3]", [[1, 2, 3]]),
        ("[1, 2, 3]", [[1, 2, 3]]),
        ("(1, 2, 3)", [[1, 2, 3]]),
        ("[1; 2; 3]", [[1], [2], [3]]),
        ("1\n2\n3", [[1], [2], [3]]),
        ("[1 -1]", [[1, -1]]),
        ("[1, - 1]", [[1, -1]]),
        ("1/9 -1/8 − 1/2".replace("− ", "−"), [[1 / 9, -1 / 8, -1 / 2]]),
        ("1 / 9\t2/3", [[1 / 9, 2 / 3]]),
        (".5 5. 1e-3", [[0.5, 5, 0.001]]),
        ("[7 3]/9", [[7 / 9, 3 / 9]]),
        ("1/9*[7 3]", [[7 / 9, 3 / 9]]),
        ("[1e-999, 5e-324]", [[0, 5e-324]]),
    ],
)
def test_numbers_are_read_as_the_nearest_doubles(text, rows):
    assert only(text) == shared(rows)


@examples(150)
@given(st.integers(-999, 999), st.integers(1, 999), st.integers(1, 999))
def test_a_factor_is_exact_and_rounded_once(number, top, bottom):
    nearest = float(Fraction(number) * Fraction(top, bottom))
    assert only(f"{top}/{bottom} * [{number}]") == (((nearest,),),)
    assert only(f"[{number}] * {top} / {bottom}") == (((nearest,),),)


# --- which axes --------------------------------------------------------------------------------------------

small = st.integers(4, 7)
"""Lengths that cannot be mistaken for channels."""


@examples(40)
@given(arrays(small, small, st.sampled_from([1, 3])))
def test_three_axes_with_the_channels_last_are_rows_first(array):
    pasted = parse_pasted(repr(array.tolist()))
    assert pasted.kernels == (nested(array),)
    assert "PyTorch" not in pasted.how


@examples(40)
@given(arrays(st.sampled_from([1, 3]), small, small))
def test_three_axes_with_the_channels_first_are_pytorch_s(array):
    pasted = parse_pasted(repr(array.tolist()))
    assert pasted.kernels == (nested(np.moveaxis(array, 0, -1)),)
    assert "in PyTorch's order: channels, rows, columns" in pasted.how


@examples(20)
@given(arrays(st.just(3), small, st.just(3)))
def test_where_both_orders_fit_rows_first_wins_and_that_is_said(array):
    pasted = parse_pasted(repr(array.tolist()))
    assert pasted.kernels == (nested(array),)
    assert "in the order rows, columns, channels; PyTorch's order would fit, too" in pasted.how


@examples(20)
@given(arrays(st.integers(1, 16), small, small, st.sampled_from([1, 3])))
def test_four_axes_are_kernels(array):
    expected = tuple(nested(kernel) for kernel in array)
    assert parse_pasted(repr(array.tolist())).kernels == expected
    pasted = parse_pasted(repr(np.moveaxis(array, -1, 1).tolist()))
    assert pasted.kernels == expected
    assert "PyTorch's order" in pasted.how


def test_a_grey_layer_of_pytorch_s_is_no_bank_of_single_rows():
    array = np.arange(18.0).reshape(2, 1, 3, 3)
    pasted = parse_pasted(repr(array.tolist()))
    assert pasted.kernels == tuple(nested(kernel) for kernel in np.moveaxis(array, 1, -1))
    assert "would fit, too" in pasted.how


def test_tables_and_arrays_one_after_the_other_are_kernels():
    two = shared([[1, 2]]), shared([[3], [4]])
    for text in (
        "1 2\n\n3\n4",
        "1\t2\n\t\n\n3\n4",
        "[1 2]\n[3; 4]",
        "a = [1 2];\nb = [3; 4];",
        "[[1, 2]], [[3], [4]]",
    ):
        assert parse_pasted(text).kernels == two
    assert parse_pasted("1 2\n\n3\n4").how.endswith("2 kernels of 1 × 2 and 2 × 1, the same for each channel.")


def test_three_tables_of_one_size_are_the_channels():
    pasted = parse_pasted("1 2\n\n3 4\n\n5 6\n")
    assert pasted.kernels == ((((1.0, 3.0, 5.0), (2.0, 4.0, 6.0)),),)
    assert pasted.how == (
        "Read as a table with spaces between its cells, three of them: red, green and blue of 1 × 2."
    )


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (
            "1,5;2",
            "Read as a table with semicolons between its cells: one kernel of 1 × 2, the same for each channel.",
        ),
        (
            "1,5 2",
            "Read as a table with spaces between its cells: one kernel of 1 × 2, the same for each channel.",
        ),
        (
            "1,5,2",
            "Read as a table with commas between its cells: one kernel of 1 × 3, the same for each channel.",
        ),
        ("[1 5]", "Read as an array: one kernel of 1 × 2, the same for each channel."),
        ("[[[1,2,3]]]", "slice for each of three channels, in the order rows, columns, channels; PyTorch's"),
    ],
)
def test_how_it_was_read_is_said(text, how):
    assert how in parse_pasted(text).how


# --- what is refused ---------------------------------------------------------------------------------------

ROWS_OF_16 = "\n".join(["1 " * 16] * 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["empty"]),
        (" \n\t \ufeff", ["empty"]),
        (",;,", ["no number"]),
        ("1 2\n3 a", ["Row 2, column 2", "“a”", "2, -0.5 or 1/9"]),
        ("1\t2\n\t3", ["Row 2, column 1", "empty", "Write 0"]),
        ("1,2\n3,", ["Row 2 has 1 entry, and row 1 has 2"]),
        ("1;2;\n;3", ["Row 2, column 1", "empty"]),
        ("1,5;2,5;\n;3,5", ["Row 2, column 1", "empty"]),
        ("1,2\n3,,4", ["Row 2, column 2", "empty"]),
        ("1 2;;3 4", ["Row 1, column 1", "“1 2”"]),
        ("1 2\n3 nan", ["Row 2, column 2", "“nan”"]),
        ("1 2\n-inf 3", ["Row 2, column 1", "“-inf”"]),
        ("1\t1e400", ["Row 1, column 2", "“1e400”", "-1,000,000"]),
        ("1 1000001", ["Row 1, column 2", "“1000001”", "-1,000,000"]),
        ("1 1/0", ["Row 1, column 2", "“1/0”", "zero"]),
        ("1 1\x00", ["Row 1, column 2", "�"]),
        ("1 2 3\n4 5", ["Row 2 has 2 entries, and row 1 has 3"]),
        (ROWS_OF_16, ["2 × 16", "15 × 15"]),
        ("1\n" * 16, ["16 × 1", "15 × 15"]),
        ("1\n2\n\n" * 17, ["17 kernels", "16"]),
        ("[[1, 2], [3, x]]", ["Row 2, column 2", "“x”"]),
        ("[1 2; 3 NaN]", ["Row 2, column 2", "“NaN”"]),
        ("[[1, -Infinity]]", ["Row 1, column 2", "“Infinity”"]),
        ("[1 2\n3 1e400]", ["Row 2, column 2", "“1e400”", "-1,000,000"]),
        ("[1, 1e99999]", ["Row 1, column 2", "“1e99999”", "-1,000,000"]),
        ("[[1, 2], [3, 1000001]]", ["Row 2, column 2", "-1,000,000"]),
        ("[1 2]*1e6", ["Row 1, column 2", "2e+06", "-1,000,000"]),
        ("[1e-300 1]*1e15*1e15*1e300", ["“1e300”"]),
        ("[[1, 2], [3]]", ["Row 2 has 1 entry, and row 1 has 2"]),
        ("[1 2; 3]", ["Row 2 has 1 entry, and row 1 has 2"]),
        ("[[1, 2], 3]", ["Row 2 is a number", "row 1 is an array"]),
        ("[3, [1, 2]]", ["Row 1, column 2 is an array"]),
        ("[[[1,2,3],[4,5]]]", ["Entry 1, 2 has 2 entries, and entry 1, 1 has 3"]),
        ("[[[1,2,a]]]", ["Entry 1, 1, 3", "“a”"]),
        ("[]", ["“[]”", "nothing"]),
        ("[[], []]", ["Row 1, column 1", "nothing"]),
        ("[[1, 2]", ["“[” is not closed"]),
        ("[1, 2]]", ["“]” closes no bracket"]),
        ("[1, 2)", ["“)” closes no bracket"]),
        ("[1,,2]", ["Row 1, column 2", "“,”"]),
        ("[,1]", ["Row 1, column 1", "“,”"]),
        ("[1 2]'", ["“'”"]),
        ("[1-1]", ["Row 1, column 2", "“-”", "sum"]),
        ("[1 - 1]", ["Row 1, column 2", "“-”", "sum"]),
        ("[1 +- 1]", ["“-”", "sum"]),
        ("[1 -]", ["“-” has no number behind it"]),
        ("[1/]", ["“/” has no number behind it"]),
        ("[/2]", ["“/” has no number before it"]),
        ("[1//2]", ["“/” has no number before it"]),
        ("[1/0]", ["Row 1, column 1", "divides by zero"]),
        ("[1 2]/0", ["divides by zero"]),
        ("[1]" + "*1e15" * 200, ["too many digits"]),
        ("1/[1 2]", ["before an array"]),
        ("[1 2]*[1 2]", ["before an array"]),
        ("[1 2] 3", ["outside of the brackets"]),
        ("[1:3]", ["“:3”"]),
        ("[2**3]", ["“*” has no number before it"]),
        ("[0x1F]", ["“0x1F”"]),
        ("[1j]", ["“1j”"]),
        ("[1_000]", ["“1_000”"]),
        ("[1.2.3]", ["“1.2.3”"]),
        ("[١]", ["“١”"]),
        ("[" + "1" * 41 + "]", ["more than 40 characters", "1" * 40 + "…"]),
        ("[[0. ... 0.]\n ...\n [0. ... 0.]]", ["Row 1, column 2", "“...”", "left out"]),
        ('{"weights": [1]}', ["“{", "not a number"]),
        ('["a"]', ["Row 1, column 1", "“a”"]),
        ("(1; 2)", ["round brackets"]),
        ("array([1], [2])", ["2 values"]),
        ("cat(1, [1], [2], [3])", ["cat(3, R, G, B)"]),
        ("cat(3, [1], [2])", ["cat(3, R, G, B)"]),
        ("cat(3, [1 2], [2], [3])", ["1 × 2 and 1 × 1 and 1 × 1"]),
        ("np.array([1, 2]).T", ["“.T”"]),
        ("eye(3)", ["“eye”"]),
        ("print([1])", ["“print”"]),
        (repr(np.ones((2, 4, 5)).tolist()), ["2 × 4 × 5", "3 or 1"]),
        (repr(np.ones((2, 4, 5, 6)).tolist()), ["2 × 4 × 5 × 6", "3 or 1"]),
        (repr(np.ones((1, 1, 1, 1, 1)).tolist()), ["5 axes"]),
        (repr(np.ones((17, 2, 2, 1)).tolist()), ["17 kernels", "16"]),
        (repr(np.ones((16, 16)).tolist()), ["16 × 16", "15 × 15"]),
        (repr(np.ones((1, 2, 16, 3)).tolist()), ["2 × 16", "15 × 15"]),
        ("[" * 17 + "1" + "]" * 17, ["more than 16 deep"]),
    ],
)
def test_the_sentence_names_the_place_the_text_and_what_would_be_right(text, words):
    with pytest.raises(WeightError) as caught:
        parse_pasted(text)
    message = str(caught.value)
    assert [word for word in words if word not in message] == []
    assert message.endswith(".")
    assert message.isprintable()


def test_a_paste_of_a_thousand_rows_and_columns_is_refused_with_its_size():
    text = "\n".join(["\t".join(["1"] * 1000)] * 1000)
    with pytest.raises(WeightError, match=r"1,999,999 characters in 1,000 × 1,000 numbers.*15 × 15"):
        parse_pasted(text)


def test_the_largest_bank_is_short_enough():
    bank = np.random.default_rng(0).normal(size=(16, 15, 15, 3)) * 1e-5
    text = repr(bank.tolist())
    assert LONGEST_PASTE / 2 < len(text) < LONGEST_PASTE
    assert parse_pasted(text).kernels == tuple(nested(kernel) for kernel in bank)
    thirds = repr(np.ones((16, 15, 15, 3)).tolist()).replace("1.0", "1/3")
    assert parse_pasted(thirds).kernels[15][14][14] == (1 / 3,) * 3


HUGE = [
    "1 " * 190_000,
    "1" * 390_000,
    "[" * 390_000,
    "[" + "1," * 190_000 + "]",
    "[1" + "/9" * 10_000 + "]",
    "[1" + "*1e15" * 20_000 + "]",
    "[" + "1e-999," * 20_000 + "]",
    "[1]" + "*9" * 20_000,
    "[" * 8 + "1]" * 20_000,
    "a" * 390_000,
    "[" + "a." * 190_000,
    "[" + "a=" * 190_000,
    "[" + "1e" * 20_000,
    "[" + "." * 390_000,
    "[" + "." * 390_000 + "\n",
    "[" + "'" * 390_000,
    "[" + "-" * 390_000,
    "[" + "- " * 190_000,
    "[" + " " * 390_000,
    "[1, a" + " " * 390_000,
    "[1" + ",\n" * 190_000,
    "\n" * 390_000 + "1",
    "1\n\n" * 20_000,
    "1;" * 20_000,
    "1 /" * 20_000,
    "[1]" * 20_000,
    "float" * 78_000 + "(",
    "1\t" + "\t" * 390_000,
]


@pytest.mark.parametrize("text", HUGE, ids=lambda text: ascii(text[:8]))
def test_no_text_takes_long_or_runs_out_of_stack(text):
    before = time.perf_counter()
    assert len(said_of(text)) < 300
    assert time.perf_counter() - before < 2


@examples(400)
@given(st.text(max_size=60) | st.text("0123456789+-−.,;/*eE [](){}'\"\n\tarcy=", max_size=60))
def test_any_text_is_kernels_in_range_or_a_sentence(text):
    said = said_of(text)
    assert said.endswith(".")
    assert said.isprintable()
    if not said.startswith("Read as"):
        return
    pasted = parse_pasted(text)
    assert 1 <= len(pasted.kernels) <= 16
    for kernel in pasted.kernels:
        array = np.array(kernel)
        assert array.ndim == 3
        assert array.shape[2] in (1, 3)
        assert max(array.shape) <= 15
        assert (np.abs(array) <= LARGEST_WEIGHT).all()


def test_nothing_that_is_pasted_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = []
    texts = (
        "[open('canary','w')]",
        "[__import__('os').mkdir('canary')]",
        "array(exec('canary=1'))",
        "[9**9**9**9]",
    )
    for name in ("eval", "exec", "compile", "__import__"):
        monkeypatch.setattr(builtins, name, lambda *args, _name=name, **_: ran.append((_name, args)))
    refused = 0
    for text in texts:
        try:
            parse_pasted(text)
        except WeightError:
            refused += 1
    monkeypatch.undo()
    assert refused == 4
    assert ran == []
    assert list(tmp_path.iterdir()) == []
