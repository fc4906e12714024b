"""Tables of people's own: what is read, and the sentence for what cannot be."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.own_csv import MOST_ROWS, CsvError, read_csv
from ui.time_series import SERIES, difference_kernel, load_series, smooth_and_subtract, smoothing_kernel


def values(text: str | bytes) -> list[float]:
    data = text.encode() if isinstance(text, str) else text
    found: list[float] = read_csv(data, "t.csv").series[0].values.tolist()
    return found


def refusal(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(CsvError) as refused:
        read_csv(data, "t.csv")
    return str(refused.value)


# What is read


@pytest.mark.parametrize(
    "text",
    [
        "1\n2\n3.5\n",
        "value\n1\n2\n3.5\n",
        "when,value\n2001,1\n2002,2\n2003,3.5\n",
        "when;value\r\nJan;1\r\nFeb;2\r\nMar;3,5\r\n",
        "when\tvalue\nJan\t1\nFeb\t2\nMar\t3.5",
        "\ufeffwhen,value\n\nJan,1\n\nFeb,+2\nMar,35e-1\n\n",
        '"when","value"\n"a, b",1\n"c",2\n"d",3.5\n',
    ],
)
def test_tables_of_all_habits_are_read(text: str) -> None:
    assert values(text) == [1, 2, 3.5]


def test_the_first_column_says_when() -> None:
    series = read_csv(b"year,cats,dogs\n2001,1,7\n2002,2,8\n2003,3,9\n", "t.csv").series
    assert [one.name for one in series] == ["cats", "dogs"]
    assert series[1].labels == ("2001", "2002", "2003")
    assert series[1].values.tolist() == [7, 8, 9]


@pytest.mark.parametrize("kind", ["utf-16-le", "utf-16-be"])
def test_unicode_text_of_spreadsheets_is_read(kind: str) -> None:
    assert values("\ufeffday\train\n1\t1,5\n2\t2\n3\t3\n".encode(kind)) == [1.5, 2, 3]
    assert "damaged" in refusal(b"\xff\xfe1")


def test_a_table_is_parted_by_what_most_lines_have() -> None:
    series = read_csv(b"day,rain; mm\n1,2\n2,3\n3,4\n", "t.csv").series
    assert [(one.name, one.values.tolist()) for one in series] == [("rain; mm", [2, 3, 4])]


def test_a_first_column_that_goes_up_and_down_is_a_series() -> None:
    series = read_csv(b"a,b\n3,1\n2,2\n5,3\n", "t.csv").series
    assert [one.name for one in series] == ["a", "b"]
    assert series[0].labels == ("1", "2", "3")


def test_letters_of_windows_are_read() -> None:
    assert read_csv("Größe\n1\n2\n3\n".encode("cp1252"), "t.csv").series[0].name == "Größe"


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30))
def test_numbers_come_as_they_were_written(numbers: list[float]) -> None:
    assert values("\n".join(map(repr, numbers))) == numbers


# What is refused


def test_a_text_among_the_numbers_is_named_with_its_line_and_column() -> None:
    said = refusal("day,rain\n1,0\n2,wet\n3,1\n4,2\n")
    assert "Line 3" in said
    assert "“wet”" in said
    assert "“rain”" in said


def test_a_gap_is_named_with_its_line() -> None:
    for gap in ("", "NA", "nan", " "):
        said = refusal(f"day,rain\n1,0\n2,{gap}\n3,1\n4,2\n")
        assert "Line 3 has a gap" in said
    assert "1 more rows" in refusal("day,rain\n1,0\n2,\n3,1\n4,2\n5,\n6,1\n7,1\n")


def test_thousands_between_commas_are_refused_and_not_taken_for_decimals() -> None:
    assert "“1,234”" in refusal('day,sold\n1,"1,234"\n2,900\n3,800\n4,"2,000"\n5,7\n')
    assert "no column of numbers" in refusal('name,sold\na,"1,234"\nb,"2,000"\nc,"1,500"\n')


def test_infinity_is_no_number() -> None:
    assert "“inf”" in refusal("1\n2\n3\ninf\n5\n")
    assert "“2e12”" in refusal("1\n2\n3\n2e12\n5\n")
    assert "“1e999”" in refusal("1\n2\n3\n1e999\n5\n")


@pytest.mark.parametrize("text", ["", "  \n \n", "\ufeff"])
def test_an_empty_file_is_said_to_be_empty(text: str) -> None:
    assert "empty" in refusal(text) or "0 rows" in refusal(text)


def test_one_row_is_too_short() -> None:
    assert "1 row of values" in refusal("value\n5\n")
    assert "2 rows of values" in refusal("5\n6\n")
    assert "0 rows of values" in refusal("value\n")


def test_texts_alone_are_no_series() -> None:
    assert "no column of numbers" in refusal("name\nAnn\nBob\nCid\n")


def test_rows_of_other_lengths_are_named() -> None:
    said = refusal("a,b\n1,2\n3\n4,5\n")
    assert "Line 3 has 1 cell" in said


def test_a_million_rows_are_refused_at_once() -> None:
    data = b"1\n" * 1_000_000
    start = time.perf_counter()
    said = refusal(data)
    assert time.perf_counter() - start < 2
    assert "1,000,000 rows" in said
    assert f"{MOST_ROWS:,}" in said
    assert "one row of every 50" in said


def test_a_file_of_too_many_bytes_is_refused() -> None:
    assert "5.4 MB" in refusal(b"1.00000000\n" * 490_000)


def test_as_many_rows_as_are_promised_are_read() -> None:
    assert len(values("value\n" + "1\n" * MOST_ROWS)) == MOST_ROWS
    assert "rows" in refusal("1\n" * (MOST_ROWS + 1))


def test_what_is_no_text_is_said_to_be_none() -> None:
    assert "spreadsheet" in refusal(b"PK\x03\x04\0\0\0\x08")
    assert "bytes of zero" in refusal(b"1\n\0\n2\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    try:
        table = read_csv(data, "t.csv")
    except CsvError as error:
        assert len(str(error)) < 400  # noqa: PT017
    else:
        assert all(np.isfinite(series.values).all() for series in table.series)


@given(st.text(alphabet='1.,;\n\t"ae-', max_size=80))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        table = read_csv(text.encode(), "t.csv")
    except CsvError as error:
        assert str(error).endswith((".", "row."))  # noqa: PT017
    else:
        assert all(len(series.labels) == len(series.values) >= 3 for series in table.series)


# The bundled ones, and what the kernels make of them


@pytest.mark.parametrize(("name", "count", "first"), [("co2", 452, "1964-05"), ("sunspots", 309, "1700")])
def test_the_bundled_series_are_whole(name: str, count: int, first: str) -> None:
    series = load_series(name)
    assert len(series.values) == len(series.labels) == count
    assert series.labels[0] == first
    assert set(SERIES) == {"co2", "sunspots"}


@given(
    st.lists(st.integers(-100, 100), min_size=12, max_size=40),
    st.sampled_from(["average", "gauss", "none"]),
    st.integers(2, 6),
    st.integers(1, 6),
)
def test_smoothing_and_subtracting_are_what_their_sums_say(
    numbers: list[int], kind: str, width: int, lag: int
) -> None:
    data = np.array(numbers, dtype=float)
    result = smooth_and_subtract(data, kind, width, lag)
    weights = smoothing_kernel(kind, width)
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(weights, weights[::-1])
    count = len(weights)
    means = [float(np.dot(data[i : i + count], weights)) for i in range(len(data) - count + 1)]
    np.testing.assert_allclose(result.smooth, means, atol=1e-9)
    np.testing.assert_allclose(
        result.change, [means[i] - means[i - lag] for i in range(lag, len(means))], atol=1e-9
    )
    assert result.change_first == result.smooth_first + lag
    assert 0 <= result.smooth_first <= count // 2
    # Both kernels in one do the same, where they are said to lie.
    for value, place in zip(result.change, range(result.change_first, len(data)), strict=False):
        left = place + result.kernel_first
        laid = data[left : left + len(result.kernel)]
        assert value == pytest.approx(float(np.dot(laid, result.kernel)), abs=1e-9)


def test_a_mean_of_twelve_months_takes_a_wave_of_twelve_months_away() -> None:
    months = np.arange(60)
    wave = np.sin(2 * np.pi * months / 12)
    np.testing.assert_allclose(smooth_and_subtract(3 + wave, "average", 12, 1).smooth, 3, atol=1e-12)
    assert np.abs(smooth_and_subtract(3 + wave, "average", 11, 1).smooth - 3).max() > 0.05


def test_a_series_that_does_not_change_has_no_change() -> None:
    result = smooth_and_subtract(np.full(20, 7.0), "gauss", 5, 2)
    np.testing.assert_allclose(result.smooth, 7)
    np.testing.assert_allclose(result.change, 0, atol=1e-12)
    assert difference_kernel(3).sum() == 0
