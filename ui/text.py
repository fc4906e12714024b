"""Words of other people on our screen."""

import re

__all__ = ["plain"]

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


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
        With each mark of ASCII punctuation escaped (CommonMark 0.31, section 2.4) and no line breaks.

    Examples
    --------
    >>> print(plain("![x](http://there)"))
    \!\[x\]\(http\:\/\/there\)
    """
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
