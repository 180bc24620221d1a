"""The peers' side of samplers.ts: runs one case and prints JSON. Usage: samplers-peers.py '{"peer": "optuna", ...}'"""
import json
import math
import sys
import time
import warnings

case = json.loads(sys.argv[1])
warnings.filterwarnings("ignore")

A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [[0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886], [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
     [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665], [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381]]


def floats(trial, d, low, high):
    return [trial.suggest_float(f"x{i + 1}", low, high) for i in range(d)]


def sphere(trial, d):
    return sum(v * v for v in floats(trial, d, -5.12, 5.12))


def rosenbrock(trial, d):
    x = floats(trial, d, -5, 10)
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def rastrigin(trial, d):
    return 10 * d + sum(v * v - 10 * math.cos(2 * math.pi * v) for v in floats(trial, d, -5.12, 5.12))


def hartmann6(trial, d):
    x = floats(trial, 6, 0, 1)
    return -sum(w * math.exp(-sum(a * (v - p) ** 2 for a, v, p in zip(A[i], x, P[i])))
                for i, w in enumerate([1, 1.2, 3, 3.2]))


def mixed(trial, d):
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    dropout = trial.suggest_int("dropout", 0, 10)
    layers = trial.suggest_int("layers", 1, 8)
    width = trial.suggest_int("width", 16, 512, log=True)
    act = trial.suggest_categorical("act", ["relu", "gelu", "tanh", "silu"])
    norm = trial.suggest_categorical("norm", ["pre", "post"])
    return ((math.log10(lr) + 3) ** 2 + (dropout - 2) ** 2 / 25 + 0.3 * abs(layers - 6)
            + abs(math.log2(width / 200)) + {"relu": 0.4, "gelu": 0, "tanh": 1, "silu": 0.1}[act]
            + (0 if norm == "pre" else 0.5 if layers < 4 else 1))


def ints(trial, d):
    return sum((trial.suggest_int(f"x{i + 1}", -50, 50) / 10) ** 2 for i in range(d))


def zdt1(trial, d):
    x = floats(trial, d, 0, 1)
    g = 1 + 9 * sum(x[1:]) / (d - 1)
    return x[0], g * (1 - math.sqrt(x[0] / g))


FUNCTIONS = {f.__name__: f for f in [sphere, rosenbrock, rastrigin, hartmann6, mixed, ints, zdt1]}


def create(seed):
    directions = ["minimize"] * case["nObjectives"]
    if case["peer"] == "optuna":
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        samplers, create_study = optuna.samplers, optuna.create_study
    else:
        import rustuna

        samplers, create_study = rustuna.samplers, rustuna.create_study
    sampler = {"tpe": samplers.TPESampler, "nsga2": samplers.NSGAIISampler, "random": samplers.RandomSampler}
    return create_study(directions=directions, sampler=sampler[case["sampler"]](seed=seed))


function = FUNCTIONS[case["function"]]
results = []
for seed in case["seeds"]:
    study = create(seed)
    wall, cpu = time.perf_counter(), time.process_time()
    study.optimize(lambda trial: function(trial, case["dimensions"]), n_trials=case["nTrials"])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    best = min(t.values[0] for t in study.trials) if case["nObjectives"] == 1 else None
    results.append({"wallS": wall, "cpuS": cpu, "best": best})
print(json.dumps(results))
