"""Words of other people on our screen."""

import re

__all__ = ["capital", "counted", "cut", "plain"]

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Addresses become links even where their punctuation is escaped; a word joiner, which is not seen, parts them.
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
_WORD_JOINER = "\u2060"


def plain(text: str) -> str:
    r"""Make a text show as it is where Streamlit reads Markdown.

    A file's name or an address may hold anything: a picture to be fetched from elsewhere, a link, a formula.

    Parameters
    ----------
    text : str
        Of any origin.

    Returns
    -------
    str
        With each mark of ASCII punctuation escaped (CommonMark 0.31, section 2.4), no line breaks, and no
        address left whole that would become a link.

    Examples
    --------
    >>> print(plain("![x] :red[y]"))
    \!\[x\] \:red\[y\]
    """
    whole = _ADDRESS.sub(_WORD_JOINER, " ".join(text.split()))
    return _PUNCTUATION.sub(r"\\\1", whole)


def capital(text: str) -> str:
    """Return a text with a capital in front: errors name their parameter first, which has none."""
    return text[:1].upper() + text[1:]


def cut(text: str) -> str:
    """Return the first 40 characters of a text of any origin, what cannot be printed replaced, for a sentence."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in text[:40])
    return shown if len(text) <= 40 else shown + "…"


def counted(number: int, what: str) -> str:
    """Return a number with what it counts, in the singular or with an s: 1 pixel, 1,024 pixels."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
