"""Builds ONNX models for the RK3588 with rknn-toolkit2, whose tables go to the output. usage: python rknn-compile.py MODEL.onnx"""

import sys

from rknn.api import RKNN

rknn = RKNN(verbose=True)
rknn.config(target_platform="rk3588")
failed = rknn.load_onnx(model=sys.argv[1]) or rknn.build(do_quantization=False)
rknn.release()
sys.exit(1 if failed else 0)
