"""Kernels as text: read from what other programs print, and written for them. Parsed, never evaluated.

Two readers. A text with brackets is taken apart into tokens (a Python or JSON list, NumPy's array, MATLAB's
matrix, with a factor such as ``/ 9`` before or behind it), and a stack of open brackets, not recursion, puts it
together; so no nesting is too deep. A text without brackets is a table: tabs, semicolons, commas or spaces between
its cells. What comes out has axes, and these are then told apart: rows and columns, channels, kernels.

Rows, columns and entries are counted from 1 here, as lines of a text are.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, NoReturn, TypeAlias

from ui.experiment import LARGEST_KERNEL, MOST_FEATURES, Weights
from ui.weights import LARGEST_WEIGHT, WeightError, parse_weight

__all__ = ["LONGEST_PASTE", "STYLES", "Pasted", "format_kernel", "parse_pasted"]

STYLES = ("spreadsheet", "numpy", "python", "json", "matlab")
"""How `format_kernel` writes."""

LONGEST_PASTE = 400_000
"""Characters: the largest bank that there can be, every number with all its digits, has some 300,000."""

_MOST_NUMBERS = 2 * MOST_FEATURES * LARGEST_KERNEL**2 * 3
"""Twice the numbers of the largest bank, since a fraction is written with two."""

_DEEPEST = 16
_LONGEST_NUMBER = 40
_LARGEST_TERM = 10**15
_MOST_BITS = 8000
_RIGHT = "Weights are numbers such as 2, -0.5 or 1/9."
_RANGE = "A weight lies between -1,000,000 and 1,000,000."


@dataclass(frozen=True)
class Pasted:
    """What was read from a text.

    Attributes
    ----------
    kernels : tuple of Weights
        1 to 16 kernels, each (kh, kw, C) with C 1 or 3.
    how : str
        A sentence for the person: which axes were taken for what.
    """

    kernels: tuple[Weights, ...]
    how: str


class _Grid(NamedTuple):
    """Numbers in the order of their axes."""

    shape: tuple[int, ...]
    numbers: list[float]


def parse_pasted(text: str) -> Pasted:
    r"""Read one kernel or several from text that another program has written.

    Parameters
    ----------
    text : str
        A table (cells parted by tabs, semicolons, commas or spaces; with tabs, semicolons or spaces the decimal
        mark may be a comma; an empty line begins another table), a list of Python or JSON, an array as NumPy or
        PyTorch print it, or a matrix of MATLAB. A cell may be a fraction such as 1/9. In brackets, numbers and one
        array may be multiplied and divided: ``[1 2 1] / 4``. The result is exact and rounded once.

    Returns
    -------
    Pasted
        Two axes are (kh, kw), the same slice for each channel. Three are (kh, kw, 3), or else PyTorch's
        (3, kh, kw); likewise with 1 for 3. Four are (K, kh, kw, C) or else PyTorch's (K, C, kh, kw). Where both
        orders fit, the first is taken and the sentence says so; but (K, 1, kh, 3) is taken as PyTorch's, since a
        layer for grey pictures is more likely than kernels of a single row. Three tables of one size are the
        slices for red, green and blue. Several arrays are several kernels.

    Raises
    ------
    WeightError
        If there is anything but such numbers; if rows differ in length; if a kernel has more than 15 rows or
        columns, or there are more than 16; if the text has more than `LONGEST_PASTE` characters.

    Examples
    --------
    >>> parse_pasted("[1 0 -1; 2 0 -2; 1 0 -1] / 8").kernels[0][1]
    ((0.25,), (0.0,), (-0.25,))
    >>> parse_pasted("0,5\t1/4").how
    'Read as a table with tabs between its cells: one kernel of 1 × 2, the same for each channel.'
    """
    plain = _plain(text)
    if not plain.strip():
        raise WeightError("There is nothing to read: the text is empty. Paste numbers such as 1 0 -1.")
    _check_length(plain)
    if re.search(r"[\[({]", plain) is None:
        grids, source = _read_tables(plain)
        if len(grids) == 3 and len({grid.shape for grid in grids}) == 1:
            kernel = _rows_first(_channels_last(grids))
            return Pasted((kernel,), f"Read as {source}, three of them: red, green and blue of {_size(kernel)}.")
    else:
        grids, source = _read_arrays(plain), "an array"
    readings = [_kernels_of(grid) for grid in grids]
    kernels = tuple(kernel for reading, _ in readings for kernel in reading)
    if len(kernels) > MOST_FEATURES:
        raise WeightError(f"There are {len(kernels)} kernels in the text, and a bank has at most {MOST_FEATURES}.")
    return Pasted(kernels, f"Read as {source}: {_counted(kernels)}{readings[0][1]}.")


def _plain(text: str) -> str:
    """Write one kind of minus, of space and of line end; drop what is not seen."""
    text = re.sub("[\u200b\u2060\ufeff]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub("[\u00a0\u2007\u2009\u202f]", " ", re.sub("[−–]", "-", text))


def _check_length(text: str) -> None:
    # Counted by the first characters of numbers: a paste of a million is refused before it is taken apart.
    starts = re.compile(r"(?<![\w./])\.?\d")
    if len(text) > LONGEST_PASTE or sum(1 for _ in starts.finditer(text)) > _MOST_NUMBERS:
        lines = [line for line in text.splitlines() if line.strip()]
        first = sum(1 for _ in starts.finditer(lines[0]))
        raise WeightError(
            f"The text has {len(text):,} characters in {len(lines):,} × {first:,} numbers (lines × numbers in the "
            f"first). A kernel has at most {LARGEST_KERNEL} × {LARGEST_KERNEL} weights, and a text at most "
            f"{LONGEST_PASTE:,} characters."
        )


# --- Tables --------------------------------------------------------------------------------------------------

_Split: TypeAlias = Callable[[str], list[str]]


def _read_tables(text: str) -> tuple[list[_Grid], str]:
    failed: WeightError | None = None
    for source, rows_of, cells_of in _ways_to_split(text):
        try:
            blocks = _blocks(rows_of(text))
            if blocks:
                return [_read_table(block, cells_of) for block in blocks], source
        except WeightError as error:
            failed = failed or error
    raise failed or WeightError(f"There is no number in the text. {_RIGHT}")


def _ways_to_split(text: str) -> Iterator[tuple[str, _Split, _Split]]:
    """Name the separators that may be meant. The first under which all cells are numbers is taken."""
    if "\t" in text:
        yield "a table with tabs between its cells", _lines, lambda row: row.split("\t")
        return
    # Cells that hold several words, or an empty cell, tell which reading is none.
    spaced = re.search(r"[^\s,;/] +[^\s,;/]", text) is not None
    if ";" in text:
        yield "a table with semicolons between its cells", _lines, _splitter(";")
        if re.search(r";\s*;", text) is None:
            rows = _splitter_at(r";[ ]*\n?|\n")
            yield "a table with semicolons between its rows", rows, _splitter(",")
            if spaced:
                yield "a table with semicolons between its rows", rows, _words
        return
    if "," in text:
        yield "a table with commas between its cells", _lines, _splitter(",")
    if spaced or "," not in text:
        yield "a table with spaces between its cells", _lines, _words


def _splitter_at(pattern: str) -> _Split:
    return lambda text: re.split(pattern, text)


def _lines(text: str) -> list[str]:
    return text.split("\n")


def _words(row: str) -> list[str]:
    return re.sub(" ?/ ?", "/", " ".join(row.split())).split(" ")


def _splitter(separator: str) -> _Split:
    # One separator at the end of a row closes its last cell.
    return lambda row: row.rstrip().removesuffix(separator).split(separator)


def _blocks(rows: Iterable[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for row in rows:
        if row.strip(" \t,;"):
            blocks[-1].append(row)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _read_table(block: Sequence[str], cells_of: _Split) -> _Grid:
    rows = [[cell.strip().strip("\"'") for cell in cells_of(row)] for row in block]
    numbers = [_read_cell(cell, i, j) for i, row in enumerate(rows, 1) for j, cell in enumerate(row, 1)]
    for i, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise WeightError(_ragged(f"row {i}", len(row), "row 1", len(rows[0])))
    return _Grid((len(rows), len(rows[0])), numbers)


def _read_cell(cell: str, row: int, col: int) -> float:
    if not cell:
        raise WeightError(f"Row {row}, column {col} is empty. Write 0 where there is no weight.")
    try:
        return parse_weight(cell)
    except WeightError as error:
        raise WeightError(f"Row {row}, column {col}: {_printable(str(error))}") from error


# --- Arrays in brackets --------------------------------------------------------------------------------------

_DECIMAL = r"(?>\d++(?:\.(?!\.)\d*+)?|\.\d++)(?:[eE][+-]?\d++)?+"
# What follows the numbers in NumPy's and PyTorch's print: a type, a device, how a gradient comes.
_OPTION = r""",\s*(?:[A-Za-z_]\w*\s*=\s*[\w.:'"<>]++|(?:np|numpy|torch|jnp)\.\w++|float|int)(?=\s*[,)])"""
_CALL = (
    r"(?:[A-Za-z_]\w*\.)*(?:as)?(?:array|matrix|[tT]ensor|constant|list|tuple|double|single|u?int\d*|float\d*|cat)"
)
_TOKEN = re.compile(
    rf"""(?P<space>(?:[ \t\f\v]|\.\.\.[ \t]*\n)++)
    |(?P<option>{_OPTION})
    |(?P<number>{_DECIMAL}(?!\w|\.(?!\.\.|[*/])))
    |(?P<quoted>"[^"\[\]\n]{{1,60}}"|'[^'\[\](),;\n]{{1,60}}'(?=\s*[\]),]))
    |(?P<call>\b{_CALL}\s*\()
    |(?P<assign>\b[A-Za-z_]\w{{0,60}}\s*=(?!=))
    |(?P<mark>\.[*/]|[\[\](),;\n*/+-])
    |(?P<odd>[^\s\[\](),;]+)""",
    re.VERBOSE | re.ASCII,
)


@dataclass
class _Array:
    """What stands in brackets, and what all of it is multiplied by."""

    items: "list[_Value]"
    factor: Fraction = Fraction(1)


_Value: TypeAlias = Fraction | _Array


@dataclass
class _Frame:
    """An open bracket: the rows that a semicolon or a line end has closed, and the items since."""

    opener: str
    name: str = ""
    rows: list[list[_Value]] = field(default_factory=list)
    items: list[_Value] = field(default_factory=list)
    commas: int = 0
    after_comma: bool = False
    operator: str = ""
    sign: str = ""

    @property
    def lists(self) -> bool:
        """Whether it is one of the brackets that make an axis."""
        return self.opener == "[" or (self.opener == "(" and not self.name and bool(self.commas))

    def end_row(self) -> None:
        if self.items:
            self.rows.append(self.items)
            self.items = []


def _read_arrays(text: str) -> list[_Grid]:
    values = _Reader(text).read()
    if len(values) > 1 and any(isinstance(value, Fraction) for value in values):
        raise WeightError(f"There are numbers outside of the brackets. {_RIGHT}")
    return [_grid_of(value if isinstance(value, _Array) else _Array([value])) for value in values]


class _Reader:
    """Puts tokens together, with a stack of the brackets that are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stack = [_Frame("")]
        self.last = ""
        """The kind of the last token that is no space."""
        self.spaced = False

    def read(self) -> list[_Value]:
        for match in _TOKEN.finditer(self.text):
            kind, token = match.lastgroup or "odd", match.group()
            if kind == "space":
                self.spaced = True
                continue
            self.take(kind, token, match.end())
            self.last, self.spaced = token[-1] if kind in ("mark", "call") else kind, False
        frame = self.frame
        if len(self.stack) > 1:
            raise WeightError(f"A bracket “{frame.opener}” is not closed. Paste the whole array.")
        self.settle()
        frame.end_row()
        values = [value for row in frame.rows for value in row]
        if not values:
            raise WeightError(f"There is no number in the text. {_RIGHT}")
        return values

    @property
    def frame(self) -> _Frame:
        return self.stack[-1]

    def take(self, kind: str, token: str, end: int) -> None:
        if kind == "number":
            self.operand(self.number(token))
        elif kind == "quoted":
            self.operand(self.quoted(token))
        elif kind == "call":
            self.open("(", token[:-1].strip())
        elif kind == "mark":
            self.mark(token, end)
        elif not self.is_idle(kind):
            dots = token.startswith("...")
            self.refuse(token.strip(", "), "stands where numbers were left out" if dots else "is not a number")

    def is_idle(self, kind: str) -> bool:
        """Tell a name that is given to an array, or an option behind it, from words that mean something."""
        if kind == "option":
            return bool(self.frame.name and self.frame.items)
        return kind == "assign" and len(self.stack) == 1 and self.last in ("", "\n", ";", ",")

    def mark(self, token: str, end: int) -> None:
        frame = self.frame
        if token in "[(":
            self.open(token)
        elif token in "])":
            self.close(token)
        elif token == ",":
            self.settle()
            if not frame.items or frame.after_comma:
                self.refuse(",", "has no number before it")
            frame.commas += 1
            frame.after_comma = True
        elif token == ";":
            self.settle()
            if frame.opener == "(":
                self.refuse(";", "stands in round brackets: rows are parted by it in square ones")
            frame.end_row()
        elif token == "\n":
            self.line_end()
        elif token in "+-":
            # “1 -1” are two numbers, as in MATLAB; “1-1” and “1 - 1” are a sum, which is not worked out.
            follows = self.last in ("number", "quoted", "]", ")")
            if frame.sign or (follows and (not self.spaced or self.text[end : end + 1].isspace())):
                self.refuse(token, "would be a sum, and sums are not worked out")
            frame.sign = token
        else:
            if not frame.items or frame.after_comma or frame.operator or frame.sign:
                self.refuse(token, "has no number before it")
            frame.operator = token[-1]

    def line_end(self) -> None:
        frame = self.frame
        if frame.operator or frame.sign or frame.after_comma or not frame.items:
            return
        # In MATLAB a line is a row. Inside of further brackets, NumPy breaks long rows.
        outermost = not any(other.opener == "[" for other in self.stack[:-1])
        if len(self.stack) == 1 or (frame.opener == "[" and outermost and isinstance(frame.items[-1], Fraction)):
            frame.end_row()

    def settle(self) -> None:
        frame = self.frame
        if frame.operator or frame.sign:
            self.refuse(frame.operator or frame.sign, "has no number behind it")

    def open(self, opener: str, name: str = "") -> None:
        if len(self.stack) > _DEEPEST:
            raise WeightError(
                f"Brackets are nested more than {_DEEPEST} deep. Kernels have up to four levels: kernels, rows, "
                "columns and channels."
            )
        self.stack.append(_Frame(opener, name))

    def close(self, closer: str) -> None:
        frame = self.frame
        if len(self.stack) == 1 or closer != {"[": "]", "(": ")"}[frame.opener]:
            self.refuse(closer, "closes no bracket")
        self.settle()
        if not frame.items and not frame.rows:
            self.refuse(frame.opener + closer, "has nothing in it")
        value = self.value_of(frame)
        self.stack.pop()
        self.operand(value)

    def value_of(self, frame: _Frame) -> _Value:
        if frame.name.endswith("cat"):
            return self.concatenated(frame)
        if frame.name or (frame.opener == "(" and not frame.commas):
            if len(frame.items) != 1:
                self.refuse(f"{frame.name}(…)", f"holds {len(frame.items)} values and not one array")
            return frame.items[0]
        if not frame.rows:
            return _Array(frame.items)
        frame.end_row()
        # [[1 2]; [3 4]] is the same as [1 2; 3 4].
        if all(len(row) == 1 and isinstance(row[0], _Array) for row in frame.rows):
            return _Array([row[0] for row in frame.rows])
        return _Array([_Array(row) for row in frame.rows])

    def concatenated(self, frame: _Frame) -> _Value:
        """Read MATLAB's cat(3, R, G, B): the slices are put behind each other along the third axis."""
        slices = [value for value in frame.items[1:] if isinstance(value, _Array)]
        grids = [_matrix(_grid_of(value)) for value in slices]
        if frame.items[0] != 3 or len(slices) not in (1, 3) or len(frame.items) != len(slices) + 1:
            self.refuse("cat", "is read as cat(3, R, G, B) alone: three arrays, one for each channel")
        if len({grid.shape for grid in grids}) > 1 or len(grids[0].shape) != 2:
            self.refuse("cat", f"needs arrays of one size, got {' and '.join(_times(g.shape) for g in grids)}")
        _, cols, channels = (whole := _channels_last(grids)).shape
        exact = iter([Fraction(number) for number in whole.numbers])
        return _Array(
            [
                _Array([_Array([next(exact) for _ in range(channels)]) for _ in range(cols)])
                for _ in range(whole.shape[0])
            ]
        )

    def operand(self, value: _Value) -> None:
        frame = self.frame
        if frame.sign == "-":
            value = -value if isinstance(value, Fraction) else _Array(value.items, -value.factor)
        if frame.operator:
            frame.items[-1] = self.product(frame.items[-1], frame.operator, value)
        else:
            frame.items.append(value)
        frame.sign = frame.operator = ""
        frame.after_comma = False

    def product(self, left: _Value, operator: str, right: _Value) -> _Value:
        if isinstance(right, _Array) and (operator == "/" or isinstance(left, _Array)):
            self.refuse(operator, "stands before an array, where a number is needed")
        if right == 0 and operator == "/":
            self.refuse(operator, "divides by zero")
        if isinstance(right, _Array):
            assert isinstance(left, Fraction)
            return _Array(right.items, self.bounded(left * right.factor))
        factor = right if operator == "*" else 1 / right
        if isinstance(left, _Array):
            return _Array(left.items, self.bounded(left.factor * factor))
        return self.bounded(left * factor)

    def bounded(self, number: Fraction) -> Fraction:
        if max(number.numerator.bit_length(), number.denominator.bit_length()) > _MOST_BITS:
            self.refuse("*", "makes a number of too many digits")
        return number

    def number(self, token: str) -> Fraction:
        if len(token) > _LONGEST_NUMBER:
            self.refuse(token, f"has more than {_LONGEST_NUMBER} characters")
        exponent = token.lower().partition("e")[2]
        small = len(exponent.lstrip("+-")) <= 3
        number = Fraction(token) if small else Fraction(0)
        if number > _LARGEST_TERM or not small:
            self.refuse(token, "is too large", _RANGE)
        return number

    def quoted(self, token: str) -> Fraction:
        try:
            return Fraction(parse_weight(token[1:-1]))
        except WeightError:
            self.refuse(token[1:-1], "is not a number")

    def refuse(self, token: str, what: str, right: str = _RIGHT) -> NoReturn:
        raise WeightError(f"{self.place()}“{_shown(token)}” {what}. {right}")

    def place(self) -> str:
        """Say where the next item would be, in words as far as it is clear which axis is which."""
        frames = [frame for frame in self.stack if frame.lists]
        if not frames:
            return ""
        path = [len(frame.items) + 1 - bool(frame.operator) for frame in frames]
        return f"{_place([len(frames[0].rows) + 1, *path] if len(path) == 1 else path).capitalize()}: "


def _place(path: Sequence[int], axes: int = 0) -> str:
    if max(len(path), axes) <= 2:
        return ", ".join(f"{axis} {number}" for axis, number in zip(("row", "column"), path, strict=False))
    return f"entry {', '.join(map(str, path))}"


def _grid_of(array: _Array) -> _Grid:
    """Go down the axes, one level after the other, and hold all of a level to the same length."""
    shape: list[int] = []
    level: list[tuple[tuple[int, ...], _Value, Fraction]] = [((), array, Fraction(1))]
    axes, first = 1, array.items[0]
    while isinstance(first, _Array):
        axes, first = axes + 1, first.items[0]
    while isinstance(level[0][1], _Array):
        below: list[tuple[tuple[int, ...], _Value, Fraction]] = []
        length = len(level[0][1].items)
        model = _place(level[0][0], axes)
        for path, value, factor in level:
            if isinstance(value, Fraction):
                raise WeightError(f"{_place(path, axes).capitalize()} is a number, and {model} is an array.")
            if len(value.items) != length:
                raise WeightError(_ragged(_place(path, axes), len(value.items), model, length))
            scale = factor * value.factor
            below += [((*path, i), item, scale) for i, item in enumerate(value.items, 1)]
        shape.append(length)
        level = below
    return _Grid(tuple(shape), [_double(path, value, factor) for path, value, factor in level])


def _matrix(grid: _Grid) -> _Grid:
    return _Grid((1, *grid.shape), grid.numbers) if len(grid.shape) == 1 else grid


def _double(path: Sequence[int], value: _Value, factor: Fraction) -> float:
    place = _place([1, *path] if len(path) == 1 else path)
    if isinstance(value, _Array):
        raise WeightError(f"{place.capitalize()} is an array, and others are numbers.")
    product = value * factor
    if abs(product) > LARGEST_WEIGHT:
        text = f"{float(product):g}" if abs(product) < 10**300 else "it"
        raise WeightError(f"{place.capitalize()}: {text} is too large. {_RANGE}")
    return float(product)


# --- Axes ----------------------------------------------------------------------------------------------------


def _kernels_of(grid: _Grid) -> tuple[list[Weights], str]:
    """Tell the axes apart; return the kernels, and what there is to say about it."""
    shape, numbers = grid
    axes = len(shape)
    if axes <= 2:
        return [_rows_first(_Grid((*((1,) * (2 - axes)), *shape, 1), numbers))], ""
    if axes > 4:
        raise WeightError(
            f"The array has {axes} axes, {_times(shape)}. A kernel has two (rows, columns) or three, with the "
            "channels, and a bank has four."
        )
    first, last = shape[-3], shape[-1]
    rows_first, torch = last in (1, 3), first in (1, 3)
    if not rows_first and not torch:
        raise WeightError(
            f"The array has the axes {_times(shape)}, and none of them can be the channels: they are 3 or 1, "
            f"and stand {'after the kernels' if axes == 4 else 'first'} or last."
        )
    grey_layer = axes == 4 and first == 1 and last == 3
    note = ""
    if rows_first and torch and not grey_layer and shape[-3:] != (1, 1, 1):
        note = ", in the order rows, columns, channels; PyTorch's order would fit, too"
    elif not rows_first or grey_layer:
        note = ", in PyTorch's order: channels, rows, columns"
        note += "; the order rows, columns, channels would fit, too" if rows_first else ""
    size = math.prod(shape[-3:])
    if axes == 4 and shape[0] > MOST_FEATURES:
        raise WeightError(f"There are {shape[0]} kernels in the text, and a bank has at most {MOST_FEATURES}.")
    wholes = [_Grid(shape[-3:], numbers[start : start + size]) for start in range(0, len(numbers), size)]
    if not rows_first or grey_layer:
        wholes = [_channels_last(_slices(whole)) for whole in wholes]
    return [_rows_first(whole) for whole in wholes], note


def _slices(grid: _Grid) -> list[_Grid]:
    size = math.prod(grid.shape[1:])
    return [_Grid(grid.shape[1:], grid.numbers[c * size : (c + 1) * size]) for c in range(grid.shape[0])]


def _channels_last(slices: Sequence[_Grid]) -> _Grid:
    cells = zip(*(grid.numbers for grid in slices), strict=True)
    return _Grid((*slices[0].shape, len(slices)), [number for cell in cells for number in cell])


def _rows_first(grid: _Grid) -> Weights:
    rows, cols, channels = grid.shape
    if rows > LARGEST_KERNEL or cols > LARGEST_KERNEL:
        raise WeightError(
            f"The kernel has {rows:,} × {cols:,} weights (rows × columns), and the limit is {LARGEST_KERNEL} × "
            f"{LARGEST_KERNEL}."
        )
    numbers = iter(grid.numbers)
    return tuple(tuple(tuple(next(numbers) for _ in range(channels)) for _ in range(cols)) for _ in range(rows))


# --- Words ---------------------------------------------------------------------------------------------------


def _size(kernel: Weights) -> str:
    return f"{len(kernel)} × {len(kernel[0])}"


def _counted(kernels: Sequence[Weights]) -> str:
    sizes = list(dict.fromkeys(_size(kernel) for kernel in kernels))
    channels = {len(kernel[0][0]) for kernel in kernels}
    slices = ", the same for each channel" if channels == {1} else " with a slice for each of three channels"
    count = "one kernel" if len(kernels) == 1 else f"{len(kernels)} kernels"
    return f"{count} of {' and '.join(sizes)}{slices if len(channels) == 1 else ''}"


def _times(shape: Iterable[int]) -> str:
    return " × ".join(f"{length:,}" for length in shape)


def _ragged(place: str, length: int, other: str, others: int) -> str:
    return f"{place.capitalize()} has {length:,} {_noun(length)}, and {other} has {others:,}. All need as many."


def _noun(length: int) -> str:
    return "entry" if length == 1 else "entries"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _shown(text: str) -> str:
    return _printable(text[:_LONGEST_NUMBER]) + ("…" if len(text) > _LONGEST_NUMBER else "")


# --- The way back --------------------------------------------------------------------------------------------


def format_kernel(weights: Weights, style: str) -> str:
    """Write a kernel for another program, so that `parse_pasted` reads back the very same doubles.

    Parameters
    ----------
    weights : Weights
        (kh, kw, C), of C 1 or 3.
    style : str
        One of `STYLES`: ``"spreadsheet"`` (tabs; three tables, parted by empty lines, for three channels),
        ``"numpy"``, ``"python"``, ``"json"`` (all three (kh, kw), or (kh, kw, 3) for three channels), or
        ``"matlab"`` (a matrix, or three put together along the third dimension).

    Returns
    -------
    str
        With all digits that the doubles need, and a line for each row.

    Raises
    ------
    ValueError
        If there is no such style.

    Examples
    --------
    >>> print(format_kernel((((1.0,), (0.5,)), ((0.0,), (-2.0,))), "matlab"))
    [1 0.5
     0 -2]
    """
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
    channels = range(len(weights[0][0]))
    if style == "spreadsheet":
        return "\n\n".join("\n".join("\t".join(row) for row in _texts(weights, c)) for c in channels)
    if style == "matlab":
        matrices = ["[" + "\n ".join(" ".join(row) for row in _texts(weights, c)) + "]" for c in channels]
        return matrices[0] if len(matrices) == 1 else "cat(3, ...\n" + ", ...\n".join(matrices) + ")"
    rows = [
        "[" + ", ".join(cell[0] if len(cell) == 1 else f"[{', '.join(cell)}]" for cell in row) + "]"
        for row in ([[repr(float(weight)) for weight in cell] for cell in row] for row in weights)
    ]
    whole = "[\n  " + ",\n  ".join(rows) + "\n]"
    return f"np.array({whole})" if style == "numpy" else whole


def _texts(weights: Weights, channel: int) -> list[list[str]]:
    return [[_short(cell[channel]) for cell in row] for row in weights]


def _short(weight: float) -> str:
    return str(int(weight)) if weight == int(weight) else repr(float(weight))
