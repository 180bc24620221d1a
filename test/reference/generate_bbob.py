"""Reference values of BBOB from COCO (pip install coco-experiment==2.8.2).

python generate_bbob.py > bbob.json                   the reference file
python generate_bbob.py --points < points.json        values of [[function, dimension, instance, x], ...]
"""
import json
import sys
from importlib.metadata import version

from cocoex import BareProblem

DIMENSIONS = [2, 3, 7, 20, 40]
INSTANCES = [1, 2, 15, 101]


def point(function, dimension, k):
    """Exact in binary and decimal alike: eighths in [-5, 5], the third point partly outside of it."""
    scale = 1.5 if k == 2 else 1
    return [scale * (((i * 37 + function * 11 + k * 53) % 81) / 8 - 5) for i in range(dimension)]


if "--points" in sys.argv:
    print(json.dumps([BareProblem("bbob", f, d, i)(x) for f, d, i, x in json.load(sys.stdin)]))
else:
    rows = []
    for f in range(1, 25):
        for d in DIMENSIONS:
            for i in INSTANCES:
                problem = BareProblem("bbob", f, d, i)
                values = [problem(point(f, d, k)) for k in range(3)]
                rows.append([f, d, i, problem.best_value(), values])
    call = 'cocoex.BareProblem("bbob", function, dimension, instance), its best_value() and values at point(0), point(1), point(2)'
    print(json.dumps({"call": call, "version": f"coco-experiment {version('coco-experiment')}", "rows": "ROWS"}, indent=1)
          .replace('"ROWS"', "[\n  " + ",\n  ".join(map(json.dumps, rows)) + "\n ]"))
