"""Packs the direction numbers of Joe and Kuo (new-joe-kuo-6, as shipped with scipy 1.17.1) for src/math/sobol-directions.ts,
and writes reference points of both sequences.

    python test/reference/generate_sobol.py table                     # the packed text
    python test/reference/generate_sobol.py points > test/reference/qmc.json
"""

import base64
import json
import os
import sys

import numpy as np
import scipy
from scipy.stats import qmc

DIMENSIONS = 512


def packed() -> str:
    """Per dimension from the second on: 4 bits degree s, s - 1 bits inner coefficients, then (m_i - 1) / 2 in i - 1 bits."""
    data = np.load(os.path.join(os.path.dirname(scipy.__file__), "stats", "_sobol_direction_numbers.npz"))
    bits = ""
    for poly, m in zip(data["poly"][1:DIMENSIONS], data["vinit"][1:DIMENSIONS]):
        degree = int(poly).bit_length() - 1
        bits += f"{degree:04b}"
        if degree > 1:
            bits += f"{(int(poly) >> 1) & (2 ** (degree - 1) - 1):0{degree - 1}b}"
        for i in range(2, degree + 1):
            bits += f"{(int(m[i - 1]) - 1) // 2:0{i - 1}b}"
    bits += "0" * (-len(bits) % 8)
    return base64.b64encode(int(bits, 2).to_bytes(len(bits) // 8, "big")).decode()


def points() -> dict:
    """A few whole points, so that every dimension and many bits count."""
    indices = [0, 1, 5, 12345, 699050, 1000003]
    sobol, halton = [], []
    for index in indices:
        for rows, engine in ((sobol, qmc.Sobol(DIMENSIONS, scramble=False)), (halton, qmc.Halton(64, scramble=False))):
            if index > 0:
                engine.fast_forward(index)
            rows.append(engine.random(1)[0].tolist())
    # As integers of 30 bits, which scipy's values are: half the size in text.
    sobol = [[round(u * 2**30) for u in row] for row in sobol]
    first = qmc.Sobol(3, scramble=False).random(16).tolist()
    return {
        "made": f"scipy {scipy.__version__}: qmc.Sobol(512, scramble=False), qmc.Halton(64, scramble=False), "
        "fast_forward(index).random(1); qmc.Sobol(3, scramble=False).random(16)",
        "indices": indices,
        "sobolTimes2To30": sobol,
        "halton": halton,
        "sobolFirst16In3d": first,
    }


if sys.argv[1] == "table":
    text = packed()
    print("\n".join(text[i : i + 108] for i in range(0, len(text), 108)))
else:
    json.dump(points(), sys.stdout)
    print()
