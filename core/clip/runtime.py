"""onnxruntime, told to keep to itself; whoever needs it takes it from here.

Since 1.29 it reports every session it makes to its vendor, unless it is told not to before it is
imported. A shop's server talks to nobody it was not told to talk to.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

__all__ = ["ort"]
