"""Shift: found wherever it is. The map moves with the object; strides and borders break that."""

from ui import page
from ui.shift_view import show_shift

page.through_app("pages/shift.py")
page.show_notices()
show_shift()
