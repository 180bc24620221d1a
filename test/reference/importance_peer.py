"""Optuna's parameter importances.

Without arguments: makes the fixed histories, evaluates them, and prints what test/reference/importance.json holds
(optuna 5.0.0, numpy 2.4.6; the forests by scikit-learn 1.9.1):
    python test/reference/importance_peer.py > test/reference/importance.json
With the argument `evaluate`: reads { histories, cases } from standard input and prints the importances of each case (of forests, by one seed).
"""
import json
import math
import sys
import warnings

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution as Cat
from optuna.distributions import FloatDistribution as Float
from optuna.distributions import IntDistribution as Int
from optuna.distributions import distribution_to_json, json_to_distribution
from optuna.importance import (
    FanovaImportanceEvaluator,
    MeanDecreaseImpurityImportanceEvaluator,
    PedAnovaImportanceEvaluator,
    get_param_importances,
)

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
FOREST_SEEDS = range(4)


def draw(rng, d):
    if isinstance(d, Cat):
        return d.choices[rng.randint(len(d.choices))]
    if d.log:
        x = math.exp(rng.uniform(math.log(d.low), math.log(d.high)))
    elif d.step is not None:
        return type(d.low)(d.low + d.step * rng.randint(round((d.high - d.low) / d.step) + 1))
    else:
        x = rng.uniform(d.low, d.high)
    return min(max(round(x), d.low), d.high) if isinstance(d, Int) else float(f"{x:.6g}")


def history(name, n, directions, space_of, values_of):
    """`space_of` is called with what was drawn so far until it adds nothing."""
    rng = np.random.RandomState(sum(name.encode()))
    trials = []
    for number in range(n):
        params, dists = {}, {}
        while True:
            new = {k: d for k, d in space_of(params, number).items() if k not in params}
            if not new:
                break
            for key, d in new.items():
                params[key], dists[key] = draw(rng, d), d
        values = values_of(params)
        state = "PRUNED" if number % 17 == 5 and len(directions) == 1 else "COMPLETE"
        values = [math.inf] * len(values) if number % 29 == 7 else [float(f"{v:.6g}") for v in values]
        distributions = {k: distribution_to_json(d) for k, d in dists.items()}
        trials.append({"state": state, "values": values, "params": params, "distributions": distributions})
    return {"directions": directions, "trials": trials}


def conditional(params, number):
    space = {"kind": Cat(["svm", "tree"]), "x": Float(0.0, 1.0)}
    if params.get("kind") == "svm":
        space["c"] = Float(1e-3, 1e3, log=True)
    elif params.get("kind") == "tree":
        # A range that changes in mid-study, and a parameter of one value.
        space |= {"depth": Int(1, 8 if number < 60 else 12), "fixed": Int(3, 3)}
    return space


def histories():
    numeric = {"x": Float(-5.0, 5.0), "y": Float(-5.0, 5.0), "lr": Float(1e-4, 1.0, log=True)}
    discrete = {
        "n": Int(1, 100),
        "width": Int(16, 256, step=16),
        "rate": Float(0.0, 1.0, step=0.05),
        "batch": Int(1, 512, log=True),
        "act": Cat(["relu", "gelu", None, True, 2]),
    }
    score = {"relu": 3.0, "gelu": 4.0, None: 0.0, True: 1.0, 2: 1.5}
    additive = {"a": Float(0.0, 1.0), "b": Float(0.0, 1.0), "m": Int(1, 60), "e": Float(1.0, 2.0)}
    pair = {"a": Float(0.0, 1.0), "b": Float(0.0, 1.0), "c": Int(0, 4)}
    return {
        "numeric": history(
            "numeric", 150, ["minimize"], lambda p, i: numeric,
            lambda p: [p["x"] ** 2 + p["y"] + math.log10(p["lr"]) ** 2],
        ),
        "discrete": history(
            "discrete", 150, ["maximize"], lambda p, i: discrete,
            lambda p: [p["n"] / 20 - abs(p["width"] - 100) / 50 + p["rate"] + math.log2(p["batch"]) / 9 + score[p["act"]]],
        ),
        "conditional": history(
            "conditional", 120, ["minimize"], conditional,
            lambda p: [p["x"] + (math.log10(p["c"]) ** 2 / 4 if "c" in p else abs(p["depth"] - 4))],
        ),
        "additive": history(
            "additive", 150, ["maximize"], lambda p, i: additive,
            lambda p: [2 * p["a"] + p["b"] ** 2 + p["m"] / 40 + 1 / p["e"]],
        ),
        # Ties at the quantile.
        "plateaus": history(
            "plateaus", 80, ["minimize"], lambda p, i: pair, lambda p: [float(round(3 * p["a"]) + p["c"] // 2)],
        ),
        "two objectives": history(
            "two objectives", 90, ["minimize", "maximize"], lambda p, i: pair,
            lambda p: [p["a"] + 0.3 * p["b"], math.sqrt(p["a"]) - p["c"] / 5],
        ),
        "three objectives": history(
            "three objectives", 60, ["minimize"] * 3, lambda p, i: pair,
            lambda p: [p["a"] + p["c"], 1 - p["a"] + p["b"], (p["b"] - 0.5) ** 2 + p["c"] / 10],
        ),
    }


def cases():
    ped = [{"history": h, "evaluator": "ped-anova", "options": {}} for h in histories()]
    for h in ["numeric", "discrete", "conditional"]:
        for options in [{"target_quantile": 0.25, "region_quantile": 0.6}, {"evaluate_on_local": False}]:
            ped.append({"history": h, "evaluator": "ped-anova", "options": options})
    ped.append({"history": "discrete", "evaluator": "ped-anova", "options": {}, "params": ["act", "n"]})
    ped.append({"history": "two objectives", "evaluator": "ped-anova", "options": {}, "target": 0})
    ped.append({"history": "three objectives", "evaluator": "ped-anova", "options": {"target_quantile": 0.3}})
    forest = [
        {"history": h, "evaluator": e, "options": {}} | ({"target": 1} if h == "two objectives" else {})
        for e, h in [
            ("fanova", "numeric"),
            ("fanova", "plateaus"),
            ("fanova", "additive"),
            ("mdi", "numeric"),
            ("mdi", "discrete"),
            ("mdi", "plateaus"),
            ("mdi", "two objectives"),
        ]
    ]
    return ped + forest


def study_of(data):
    study = optuna.create_study(directions=data["directions"])
    for t in data["trials"]:
        study.add_trial(
            optuna.trial.create_trial(
                state=optuna.trial.TrialState[t["state"]],
                values=t["values"],
                params=t["params"],
                distributions={k: json_to_distribution(d) for k, d in t["distributions"].items()},
            )
        )
    return study


def over_logarithms(data):
    """The same search with the logarithm of each log parameter in its place."""

    def linear(d):
        half = 0.5 if isinstance(d, Int) else 0
        return Float(math.log(d.low - half), math.log(d.high + half))

    def changed(trial):
        params, distributions = dict(trial["params"]), dict(trial["distributions"])
        for name, text in trial["distributions"].items():
            d = json_to_distribution(text)
            if not isinstance(d, Cat) and d.log:
                params[name] = math.log(params[name])
                distributions[name] = distribution_to_json(linear(d))
        return trial | {"params": params, "distributions": distributions}

    return data | {"trials": [changed(t) for t in data["trials"]]}


def evaluate(case, data, seeds=FOREST_SEEDS):
    """PED-ANOVA as it is; the mean over some forests, normalized, over the logarithms of log parameters: Optuna's forests do not
    take them (transform_log=False), ours measure a range on the scale on which it is searched."""
    history = data[case["history"]]
    study = study_of(history if case["evaluator"] == "ped-anova" else over_logarithms(history))
    k = case.get("target")
    target = None if k is None else lambda t: t.values[k]
    params = case.get("params")
    if case["evaluator"] == "ped-anova":
        evaluator = PedAnovaImportanceEvaluator(**case["options"])
        return get_param_importances(study, evaluator=evaluator, params=params, target=target, normalize=False)
    of = {"fanova": FanovaImportanceEvaluator, "mdi": MeanDecreaseImpurityImportanceEvaluator}[case["evaluator"]]
    found = [
        get_param_importances(study, evaluator=of(seed=seed, **case["options"]), params=params, target=target)
        for seed in seeds
    ]
    return {name: sum(f[name] for f in found) / len(found) for name in found[0]}


def compact(data):
    """One trial per line; the distributions of a history are listed once and named by position."""
    lines = []
    for name, h in data["histories"].items():
        known = []
        for t in h["trials"]:
            known += [d for d in t["distributions"].values() if d not in known]
        rows = [
            json.dumps([t["state"], t["values"], {k: [v, known.index(t["distributions"][k])] for k, v in t["params"].items()}])
            for t in h["trials"]
        ]
        body = ",\n      ".join(rows)
        lines.append(
            f'    {json.dumps(name)}: {{\n      "directions": {json.dumps(h["directions"])},\n'
            f'      "distributions": {json.dumps(known)},\n      "trials": [\n      {body}\n      ]\n    }}'
        )
    # JSON has no Infinity, but numbers that are read as it.
    lines = [line.replace("Infinity", "1e999") for line in lines]
    cases = ",\n    ".join(json.dumps(c) for c in data["cases"])
    return '{\n  "histories": {\n' + ",\n".join(lines) + '\n  },\n  "cases": [\n    ' + cases + "\n  ]\n}"


if sys.argv[1:] == ["evaluate"]:
    given = json.load(sys.stdin)
    print(json.dumps([evaluate(case, given["histories"], range(1)) for case in given["cases"]]))
else:
    made = histories()
    print(compact({"histories": made, "cases": [case | {"expected": evaluate(case, made)} for case in cases()]}))
