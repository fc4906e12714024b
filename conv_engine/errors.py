"""The one error that the engine raises, and how a value is quoted in it."""

__all__ = ["ConvError"]

_LONGEST = 80


class ConvError(ValueError):
    """A parameter breaks a rule.

    The message is one sentence for the person who typed the value. It names the parameter, the rule and
    the value, in this order: ``stride must be an integer ≥ 1, got 0 for the columns``.
    """


def shown(value: object) -> str:
    """Return `value` as text for a message: its repr, at most 80 characters long."""
    try:
        text = repr(value)
    except Exception:  # a repr may fail: Python refuses to print integers of more than 4300 digits
        text = f"a value of type {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
