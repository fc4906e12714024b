"""Sharing: few weights, used everywhere. A convolution beside a fully connected layer, and as a matrix."""

from ui import page
from ui.toeplitz_view import show_sharing

page.through_app("pages/sharing.py")
page.show_notices()
show_sharing()
