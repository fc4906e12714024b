"""Signals: convolution in one dimension, on two signals, a time series, a sound and a sentence."""

from ui import page
from ui.idea import question
from ui.letter_panel import show_sentence
from ui.signals import show_signals
from ui.sound_panel import show_sound
from ui.time_series import show_series

page.through_app("pages/signals.py")
question(
    "How do two signals make a third?",
    "One slides over the other. What lies on each other is multiplied and summed: one number for each place.",
)
part = page.choose_part(
    "signal",
    {"two": "Two signals", "series": "A time series", "sound": "A sound", "sentence": "A sentence"},
)
page.show_notices()
if part == "series":
    show_series()
elif part == "sound":
    show_sound()
elif part == "sentence":
    show_sentence()
else:
    show_signals()
