"""Kernels: pick, type, paint, lift, read and compare them; and the bank that they make."""

from conv_engine import ConvError
from ui import page, state
from ui.bank_panel import keep_bank, list_features, show_maps, show_volumes
from ui.kernel_picker import pick_kernel
from ui.kernel_reading import read_feature
from ui.kernel_typing import type_kernel
from ui.layer import build_layer
from ui.pictures import working_picture
from ui.sentences import kernel_sentence
from ui.workbench import choose_feature, show_workbench

page.through_app("pages/kernels.py")
experiment = state.experiment()
picture = working_picture(experiment, state.photo())
page.lead("Choose and make kernels", kernel_sentence(experiment))
choose_feature()
try:
    layer = build_layer(experiment, picture.pixels)
    show_workbench(picture, layer)
except ConvError as error:
    layer = None
    page.no_window(error)
part = page.choose_part(
    "kernels", {"pick": "Pick", "type": "Type", "read": "Read", "bank": "Bank", "keep": "Keep"}
)
page.show_notices()
if part == "type":
    type_kernel()
elif part == "read":
    read_feature()
elif part == "bank":
    list_features()
    if layer is not None:
        show_maps(layer)
        show_volumes(layer)
elif part == "keep":
    keep_bank()
else:
    pick_kernel(picture)
