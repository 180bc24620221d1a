"""Builds ONNX models for the RK3588 with rknn-toolkit2, whose tables go to MODEL.onnx.log.

Usage: python rknn-compile.py MODEL.onnx…
"""

import os
import sys

from rknn.api import RKNN

for path in sys.argv[1:]:
    # The toolkit prints from C++ as well, to both streams.
    log = os.open(f"{path}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(log, stream.fileno())
    rknn = RKNN(verbose=True)
    rknn.config(target_platform="rk3588")
    failed = rknn.load_onnx(model=path) or rknn.build(do_quantization=False)
    rknn.release()
    if failed:
        sys.exit(f"{path} could not be built")
