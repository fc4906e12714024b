"""A person's own table as a time series: rows of a CSV file, in order, with a number in each.

Read with Python's own `csv` and not with pandas: a text or a gap in a column of numbers shall be named by its row,
and pandas would make a text of the whole column, or fill the gap with NaN, and say nothing.
"""

import codecs
import csv
import io
import math
import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from conv_engine.arrays import Doubles

__all__ = ["LEAST_ROWS", "MOST_BYTES", "MOST_ROWS", "CsvError", "Series", "Table", "read_csv"]

MOST_BYTES = 5 * 10**6
"""The largest file that is read."""

MOST_ROWS = 20_000
"""The longest series: a browser can still draw it, and more points than a screen has would not be seen."""

LEAST_ROWS = 3
"""The shortest series that can be smoothed and subtracted."""

_EMPTY = "This file is empty: a series needs a number in each row."
_MOST_COLUMNS = 50
_LONGEST_NAME = 60
_LONGEST_SHOWN = 24
_LARGEST = 1e12
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


class CsvError(ValueError):
    """A table that cannot be used.

    Its message is one or two sentences for a person: what is wrong, with the value, and what would be right.
    """


@dataclass(frozen=True, eq=False)
class Series:
    """A run of numbers, one after the other.

    Attributes
    ----------
    name : str
        Of what was measured.
    labels : tuple of str
        When, one for each value: what the first column says, or the numbers of the rows.
    values : ndarray of float64
        Finite; at least `LEAST_ROWS`.
    """

    name: str
    labels: tuple[str, ...]
    values: Doubles


@dataclass(frozen=True, eq=False)
class Table:
    """The series of a file, one for each column of numbers."""

    name: str
    series: tuple[Series, ...]


def read_csv(data: bytes, name: str) -> Table:
    r"""Read a CSV file.

    Parameters
    ----------
    data : bytes
        The file: UTF-8, UTF-16 with its mark, or Windows-1252, parted by commas, semicolons or tabs; with or
        without a line of names. Beside semicolons and tabs, numbers may have a decimal comma.
    name : str
        Of the file, for the sentences.

    Returns
    -------
    Table
        If the first of several columns is no series of numbers, or counts upwards, it says when.

    Raises
    ------
    CsvError
        If there is no column of numbers, a row has a gap or a text among the numbers, or there are too few rows
        or too many.

    Examples
    --------
    >>> read_csv(b"day,rain\nMon,0\nTue,2.5\nWed,1\n", "rain.csv").series[0].values
    array([0. , 2.5, 1. ])
    """
    rows, separator = _rows(data)
    widths = [len(row) for _, row in rows]
    columns = max(widths)
    if columns > _MOST_COLUMNS:
        raise CsvError(f"This table has {columns:,} columns; up to {_MOST_COLUMNS} can be read.")
    # Between commas a quoted "1,234" is a thousand and more to some people: it is refused, and not guessed.
    comma = separator != "," and any("," in cell for _, row in rows for cell in row)
    headed = not any(_number(cell, comma) is not None for cell in rows[0][1])
    header = [" ".join(cell.split())[:_LONGEST_NAME] for cell in rows[0][1]] if headed else []
    body = rows[1:] if headed else rows
    if len(body) < LEAST_ROWS:
        had = f"{len(body)} row{'' if len(body) == 1 else 's'} of values"
        raise CsvError(f"This table has {had}; a series needs at least {LEAST_ROWS}.")
    if len(body) > MOST_ROWS:
        raise _too_long(len(body))
    for line, row in body:
        if len(row) != columns:
            raise CsvError(
                f"Line {line} has {len(row)} cell{'' if len(row) == 1 else 's'} where others have {columns}: "
                "every row needs the same number of cells."
            )
    cells = [[row[column].strip() for _, row in body] for column in range(columns)]
    lines = [line for line, _ in body]
    names = [header[c] if c < len(header) and header[c] else f"column {c + 1}" for c in range(columns)]
    return Table(name, _series(cells, lines, names, comma))


def _rows(data: bytes) -> tuple[list[tuple[int, list[str]]], str]:
    """Part a file into rows, each with the number of its line, and tell by which sign; empty rows are left out."""
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise CsvError(_EMPTY)
    if len(data) > MOST_BYTES:
        raise CsvError(
            f"This file has {len(data) / 1e6:.1f} MB; up to {MOST_BYTES / 1e6:.0f} MB can be read. "
            "Keep a part of it."
        )
    text = _decoded(data)
    head = text[:4096].splitlines()
    # What most lines have; a comma comes last, as it may be a decimal one beside the others.
    separator = max(";\t,", key=lambda mark: sum(mark in line for line in head))
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num, row))
            if len(rows) > MOST_ROWS + 1:
                raise _too_long(text.count("\n"))
    except csv.Error as error:
        raise CsvError(f"Line {reader.line_num} cannot be read as CSV ({error}).") from error
    if not rows:
        raise CsvError(_EMPTY)
    return rows, separator


def _decoded(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        raise CsvError("This is no text but a packed file, such as a spreadsheet. Save the table as CSV.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise CsvError("This UTF-16 text is damaged. Save the table as CSV in UTF-8.") from error
    if b"\0" in data:
        raise CsvError("This is no text: it holds bytes of zero. Save the table as CSV in UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _too_long(rows: int) -> CsvError:
    return CsvError(
        f"This table has about {rows:,} rows; up to {MOST_ROWS:,} can be read. Keep a part of it, or one row of "
        f"every {-(-rows // MOST_ROWS)}."
    )


def _series(cells: list[list[str]], lines: list[int], names: list[str], comma: bool) -> tuple[Series, ...]:
    columns = [[_number(cell, comma) for cell in column] for column in cells]
    good = [sum(value is not None for value in column) for column in columns]
    numeric = [c for c, count in enumerate(good) if 2 * count > len(lines)]
    if not numeric:
        _complain_about_texts(cells, lines, names)
    times = 0 if len(cells) > 1 and (0 not in numeric or _counts_upwards(columns[0])) else None
    values = [c for c in numeric if c != times]
    labels = tuple(cells[times]) if times is not None else tuple(str(row + 1) for row in range(len(lines)))
    labels = tuple(label[:_LONGEST_SHOWN] for label in labels)
    if not values:
        raise CsvError(
            f"Only the column “{_cut(names[0])}” holds numbers, and it says when: another one is needed."
        )
    for c in values:
        _check_column(cells[c], columns[c], lines, names[c])
    return tuple(
        Series(names[c], labels, np.array([value for value in columns[c] if value is not None])) for c in values
    )


def _check_column(cells: list[str], values: list[float | None], lines: list[int], name: str) -> None:
    wrong = [(line, cell) for line, cell, value in zip(lines, cells, values, strict=True) if value is None]
    if not wrong:
        return
    line, cell = wrong[0]
    more = f" The same is true of {len(wrong) - 1:,} more rows." if len(wrong) > 1 else ""
    if cell == "" or cell.lower() in ("na", "n/a", "nan", "null", "none", "-"):
        raise CsvError(
            f"Line {line} has a gap in the column “{_cut(name)}”: fill it in or leave out the row. A "
            f"kernel needs a number everywhere it looks.{more}"
        )
    raise CsvError(
        f"Line {line} says “{_cut(cell)}” in the column “{_cut(name)}”, where a number of up to "
        f"{_LARGEST:,.0f} is needed.{more}"
    )


def _complain_about_texts(cells: list[list[str]], lines: list[int], names: list[str]) -> None:
    column = len(cells) - 1
    raise CsvError(
        f"This table has no column of numbers: line {lines[0]} says “{_cut(cells[column][0])}” in the column "
        f"“{_cut(names[column])}”. A series needs a number in each row."
    )


def _counts_upwards(values: list[float | None]) -> bool:
    """Tell whether a column looks like years or row numbers: whole, and each more than the one before."""
    return all(value is not None and value == int(value) for value in values) and all(
        after is not None and before is not None and after > before for before, after in pairwise(values)
    )


def _number(cell: str, comma: bool) -> float | None:
    text = cell.strip().replace("−", "-")
    if comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) and abs(value) <= _LARGEST else None


def _cut(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"
