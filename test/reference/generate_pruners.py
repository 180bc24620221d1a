"""Decisions of Optuna's pruners on scripted learning curves, its Hyperband brackets, and SciPy's signed-rank p-values: one JSON object.

Made with optuna 5.0.0, numpy 2.4.6, scipy 1.17.1. Each entry carries the call that made it.
Run: python test/reference/generate_pruners.py > test/reference/pruners.json
"""
import json
import math
import types
import warnings

import numpy as np
import optuna
import scipy
import scipy.stats
from optuna.pruners import (
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    PatientPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
    ThresholdPruner,
    WilcoxonPruner,
)

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.CRITICAL)
rng = np.random.RandomState(11)
N_TRIALS, N_STEPS = 60, 20

permutation_test = scipy.stats.permutation_test
# With ties or zeros, SciPy calls the statistic once for each of up to 2^13 choices of signs; it takes them all at once as well.
scipy.stats.permutation_test = lambda data, statistic, **options: permutation_test(
    data, lambda data, axis: statistic(data), vectorized=True, **options
)


def curves(value):
    """Per trial the values at steps 0, 1, ...; None where nothing is reported."""
    rows = []
    for _ in range(N_TRIALS):
        quality, rate = rng.uniform(0, 1), rng.uniform(0.1, 0.7)
        rows.append([value(quality, rate, step) for step in range(N_STEPS)])
    return rows


def smooth(quality, rate, step):
    return round(quality + 2 * math.exp(-rate * step) + rng.normal(0, 0.05), 4)


def crossing(quality, rate, step):
    return round(2 * quality - (quality + rate) * step / N_STEPS + rng.normal(0, 0.02), 4)


def accuracy(quality, rate, step):
    return round(0.5 + 0.5 * quality * (1 - math.exp(-rate * step)) + rng.normal(0, 0.02), 4)


def with_nan(quality, rate, step):
    return "NaN" if quality > 0.93 or rng.uniform() < 0.12 else smooth(quality, rate, step)


def with_gaps(quality, rate, step):
    return None if rng.uniform() < 0.4 else smooth(quality, rate, step)


def with_ties(quality, rate, step):
    return round(smooth(quality, rate, step) * 4) / 4


difficulty = rng.uniform(-1, 1, N_STEPS)


def instance(quality, rate, step):
    return round(quality**3 + difficulty[step] + rng.normal(0, 0.2), 4)


SCENARIOS = {
    "smooth": {"direction": "minimize", "curves": curves(smooth)},
    "crossing": {"direction": "minimize", "curves": curves(crossing)},
    "accuracy": {"direction": "maximize", "curves": curves(accuracy)},
    "NaN": {"direction": "minimize", "curves": curves(with_nan)},
    "NaN, maximize": {"direction": "maximize", "curves": curves(with_nan)},
    "gaps": {"direction": "minimize", "curves": curves(with_gaps)},
    "ties": {"direction": "minimize", "curves": curves(with_ties)},
    # Steps are instances, in another order in each trial; the value of a trial is their mean.
    "instances": {"direction": "minimize", "shuffled": True, "curves": curves(instance)},
}


def reports(scenario, number):
    row = scenario["curves"][number]
    steps = range(N_STEPS)
    if scenario.get("shuffled"):
        steps = [(i * 7 + number * 3) % N_STEPS for i in steps]
    return [(step, float(row[step])) for step in steps if row[step] is not None]


def decisions(call, scenario):
    """Per trial: after how many reports it was pruned, or -1. Every 13th trial fails halfway."""
    pruned_after = []

    def objective(trial):
        pruned_after.append(-1)
        values = []
        for count, (step, value) in enumerate(reports(scenario, trial.number), 1):
            if trial.number % 13 == 6 and step > 9:
                raise RuntimeError("fails")
            trial.report(value, step)
            values.append(value)
            if trial.should_prune():
                pruned_after[-1] = count
                raise optuna.TrialPruned()
        return sum(values) / len(values) if scenario.get("shuffled") else values[-1]

    study = optuna.create_study(
        study_name="ref",
        direction=scenario["direction"],
        pruner=eval(call),
        sampler=optuna.samplers.RandomSampler(seed=0),
    )
    study.optimize(objective, n_trials=N_TRIALS, catch=(RuntimeError,))
    return pruned_after


# A step is a resource for these: reported in another order it means something else to Optuna than to us.
NEED_ORDER = ("successive-halving", "hyperband")
PRUNERS = [
    ("NopPruner()", "nop", {}),
    ("MedianPruner()", "median", {}),
    (
        "MedianPruner(n_startup_trials=2, n_warmup_steps=3, interval_steps=4, n_min_trials=6)",
        "median",
        {"nStartupTrials": 2, "nWarmupSteps": 3, "intervalSteps": 4, "nMinTrials": 6},
    ),
    ("PercentilePruner(25.0)", "percentile", {"percentile": 25}),
    (
        "PercentilePruner(70.0, n_startup_trials=0, interval_steps=3)",
        "percentile",
        {"percentile": 70, "nStartupTrials": 0, "intervalSteps": 3},
    ),
    ("PercentilePruner(0.0)", "percentile", {"percentile": 0}),
    ("SuccessiveHalvingPruner()", "successive-halving", {}),
    (
        "SuccessiveHalvingPruner(min_resource=2, reduction_factor=2)",
        "successive-halving",
        {"minResource": 2, "reductionFactor": 2},
    ),
    (
        "SuccessiveHalvingPruner(min_resource=1, reduction_factor=3, min_early_stopping_rate=1, bootstrap_count=5)",
        "successive-halving",
        {"minResource": 1, "reductionFactor": 3, "minEarlyStoppingRate": 1, "bootstrapCount": 5},
    ),
    ("HyperbandPruner()", "hyperband", {}),
    (
        "HyperbandPruner(min_resource=2, max_resource=20, reduction_factor=2)",
        "hyperband",
        {"minResource": 2, "maxResource": 20, "reductionFactor": 2},
    ),
    (
        "HyperbandPruner(max_resource=20, bootstrap_count=2)",
        "hyperband",
        {"maxResource": 20, "bootstrapCount": 2},
    ),
    ("ThresholdPruner(lower=0.3, upper=2.0)", "threshold", {"lower": 0.3, "upper": 2}),
    (
        "ThresholdPruner(upper=0.8, n_warmup_steps=5, interval_steps=5)",
        "threshold",
        {"upper": 0.8, "nWarmupSteps": 5, "intervalSteps": 5},
    ),
    ("PatientPruner(None, patience=2)", "patient", {"patience": 2}),
    (
        "PatientPruner(MedianPruner(n_startup_trials=3), patience=1, min_delta=0.02)",
        "patient",
        {
            "wrappedPruner": {"name": "median", "options": {"nStartupTrials": 3}},
            "patience": 1,
            "minDelta": 0.02,
        },
    ),
    ("WilcoxonPruner()", "wilcoxon", {}),
    (
        "WilcoxonPruner(p_threshold=0.3, n_startup_steps=6)",
        "wilcoxon",
        {"pThreshold": 0.3, "nStartupSteps": 6},
    ),
]


def differences():
    for n in [2, 3, 5, 8, 13, 14, 20, 37, 50, 51, 80]:
        yield np.round(rng.normal(0.2, 1, n), 4)
        yield rng.randint(-3, 5, n).astype(float)
        # One zero, no ties.
        yield np.concatenate([[0.0], np.arange(1, n) * rng.choice([-1, 1], n - 1)])
    for n in [3, 16, 60]:
        yield np.zeros(n)


def signed_rank(d):
    p = scipy.stats.wilcoxon(d, alternative="greater", zero_method="zsplit").pvalue
    return {"differences": d.tolist(), "p": float(p)}


def brackets(study_name, min_resource, max_resource, reduction_factor):
    call = f"HyperbandPruner({min_resource}, {max_resource}, {reduction_factor})"
    pruner = eval(call)
    study = optuna.create_study(study_name=study_name, pruner=pruner)
    pruner._try_initialization(study)
    ids = [pruner._get_bracket_id(study, types.SimpleNamespace(number=i)) for i in range(40)]
    return {
        "call": f"{call}._get_bracket_id(study '{study_name}', trial of number 0 to 39)",
        "studyName": study_name,
        "options": {
            "minResource": min_resource,
            "maxResource": max_resource,
            "reductionFactor": reduction_factor,
        },
        "ids": ids,
    }


json.dump(
    {
        "madeWith": f"optuna {optuna.__version__}, numpy {np.__version__}, scipy {scipy.__version__}",
        "scenarios": SCENARIOS,
        "pruners": [
            {
                "call": f"create_study(study_name='ref', pruner={call}), trial.should_prune() after each report",
                "name": name,
                "options": options,
                "prunedAfter": {
                    key: decisions(call, scenario)
                    for key, scenario in SCENARIOS.items()
                    if not (scenario.get("shuffled") and name in NEED_ORDER)
                },
            }
            for call, name, options in PRUNERS
        ],
        "brackets": [
            brackets("ref", 1, 20, 3),
            brackets("a study", 1, 81, 3),
            brackets("Prüfung", 2, 100, 2),
            brackets("ref", 5, 1000, 10),
        ],
        "signedRank": {
            "call": "scipy.stats.wilcoxon(differences, alternative='greater', zero_method='zsplit').pvalue",
            "cases": [signed_rank(d) for d in differences()],
        },
    },
    __import__("sys").stdout,
)
print()
