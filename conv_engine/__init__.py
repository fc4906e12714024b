"""Convolution to look at: every size planned, every value traced back to its pixels.

>>> import numpy as np
>>> image = np.zeros((5, 6, 1), dtype=np.uint8)
>>> image[:, 3:] = 100
>>> bank = stack([LIBRARY["sobel_x"]], channels=1)
>>> conv2d(image, bank)[0, :, 0]
array([  0., 400., 400.,   0.], dtype=float32)
>>> plan2d(image.shape, bank.shape, stride=2).output_shape
(2, 2, 1)
"""

from conv_engine.arrays import broadcast_kernel
from conv_engine.axis import AxisPlan
from conv_engine.conv import METHODS, conv2d
from conv_engine.conv1d import conv1d
from conv_engine.errors import ConvError
from conv_engine.kernels import FAMILIES, LIBRARY, Kernel, stack
from conv_engine.parametric import PARAMETRIC
from conv_engine.plan import Plan2D, Reach, Window, plan2d
from conv_engine.reading import KernelReading, read_kernel
from conv_engine.spec import BOUNDARIES, PADDINGS, ConvSpec
from conv_engine.trace import Trace, trace2d
from conv_engine.transpose import conv_transpose2d
from conv_engine.transpose_plan import TransposePlan2D, plan_transpose2d

__all__ = [
    "BOUNDARIES",
    "FAMILIES",
    "LIBRARY",
    "METHODS",
    "PADDINGS",
    "PARAMETRIC",
    "AxisPlan",
    "ConvError",
    "ConvSpec",
    "Kernel",
    "KernelReading",
    "Plan2D",
    "Reach",
    "Trace",
    "TransposePlan2D",
    "Window",
    "broadcast_kernel",
    "conv1d",
    "conv2d",
    "conv_transpose2d",
    "plan2d",
    "plan_transpose2d",
    "read_kernel",
    "stack",
    "trace2d",
]
