"""Reference values of CMA-ES: prints one JSON object.

Made with cmaes 0.12.0, optuna 5.0.0, numpy 2.4.6, scipy 1.17.1. Each entry carries the call that made it.
Run: python test/reference/generate_cmaes.py > test/reference/cmaes.json
"""
import json
import pickle
import warnings

import cmaes
import numpy as np
import optuna
from cmaes import CMA, CMAwM, SepCMA, get_warm_start_mgd

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


class Draws:
    """Stands in for an optimizer's generator: remembers what it gave. With a full covariance the numbers are turned by B^T,
    so that B D B^T z is what the optimizer adds to its mean: its answer does not depend on the eigenvectors' signs."""

    def __init__(self, cma, seed):
        self.cma, self.rs, self.given = cma, np.random.RandomState(seed), []

    def randn(self, n):
        z = self.rs.randn(n).round(3)
        self.given += z.tolist()
        return self.cma._eigen_decomposition()[0].T @ z if isinstance(self.cma, CMA) else z


def objective(x):
    w = 10.0 ** np.linspace(0, 3, len(x))
    return float((w * (x - np.linspace(0.2, 0.9, len(x))) ** 2).sum() + np.prod(x))


def run(call, optimizer, generations, **given):
    """Asks and tells some generations; each with the normal numbers used, the points to evaluate, and the state after it."""
    cma = getattr(optimizer, "_cma", optimizer)
    draws = cma._rng = Draws(cma, 5)
    steps = []
    for _ in range(generations):
        draws.given = []
        solutions, evaluated, values = [], [], []
        for _ in range(optimizer.population_size):
            answer = optimizer.ask()
            encoded, x = answer if isinstance(answer, tuple) else (answer, answer)
            evaluated.append(encoded.tolist())
            values.append(objective(encoded))
            solutions.append((x, values[-1]))
        optimizer.tell(solutions)
        steps.append({"normal": draws.given, "evaluated": evaluated, "values": values,
                      "mean": cma._mean.tolist(), "sigma": float(cma._sigma), "covariance": cma._C.tolist()})
    return {"call": call, **given, "popsize": optimizer.population_size, "generations": steps}


def unit(d):
    return np.tile([0.0, 1.0], (d, 1))


def full(d, popsize=None, lr_adapt=False, generations=6, sigma=1 / 6):
    call = f"CMA(np.full({d}, .5), {sigma}, unit({d}), n_max_resampling={10 * d}, population_size={popsize}, lr_adapt={lr_adapt})"
    return run(call, CMA(np.full(d, 0.5), sigma, unit(d), 10 * d, None, popsize, None, lr_adapt), generations,
               variant="adaptive rates" if lr_adapt else "full", dimensions=d, sigma0=sigma, gridSizes=[0] * d)


def separable(d, popsize=None):
    call = f"SepCMA(np.full({d}, .5), 1 / 6, unit({d}), n_max_resampling={10 * d}, population_size={popsize})"
    return run(call, SepCMA(np.full(d, 0.5), 1 / 6, unit(d), 10 * d, None, popsize), 6,
               variant="separable", dimensions=d, sigma0=1 / 6, gridSizes=[0] * d)


def margin(sizes, popsize=None, generations=12):
    d = len(sizes)
    steps = np.array([1 / (n - 1) if n > 0 else 0.0 for n in sizes])
    call = f"CMAwM(np.full({d}, .5), 1 / 6, unit({d}), np.array({steps.tolist()}), {10 * d}, population_size={popsize})"
    return run(call, CMAwM(np.full(d, 0.5), 1 / 6, unit(d), steps, 10 * d, None, popsize), generations,
               variant="margin", dimensions=d, sigma0=1 / 6, gridSizes=sizes)


def warm(n, d):
    rs = np.random.RandomState(n)
    source = [(rs.rand(d), float(i)) for i in range(n)]
    mean, sigma, cov = get_warm_start_mgd(source)
    return {"call": "get_warm_start_mgd(zip(points, range(n)))", "points": [x.tolist() for x, _ in source],
            "mean": mean.tolist(), "sigma": float(sigma), "covariance": cov.tolist()}


def study(call, options, suggest, direction="minimize", n_trials=45):
    """A study that Optuna has run alone: what its trials keep, and the state that it has pickled last."""
    sampler = optuna.samplers.CmaEsSampler(seed=3, warn_independent_sampling=False, **options)
    s = optuna.create_study(sampler=sampler, direction=direction)
    s.optimize(lambda t: objective(np.array([float(x) for x in suggest(t)])), n_trials=n_trials)
    trials, state, generation = [], None, 0
    for t in s.trials:
        attrs = {k: v for k, v in t.system_attrs.items() if ":optimizer" not in k}
        pickled = "".join(v for k, v in sorted(t.system_attrs.items(), key=lambda kv: int(kv[0].split(":")[-1]) if ":optimizer:" in kv[0] else -1)
                          if ":optimizer:" in k)
        if pickled:
            state = pickle.loads(bytes.fromhex(pickled))
        generation = max([generation] + [v for k, v in attrs.items() if k.endswith(":generation")])
        trials.append({"values": t.values, "params": t.params, "systemAttrs": attrs})
    cma = getattr(state, "_cma", state)
    return {"call": call, "direction": direction, "options": {k: v for k, v in options.items()}, "generation": generation,
            "space": {k: optuna.distributions.distribution_to_json(d) for k, d in s.trials[-1].distributions.items()},
            "trials": trials, "mean": cma._mean.tolist(), "sigma": float(cma._sigma), "covariance": cma._C.tolist()}


def floats(t):
    return [t.suggest_float("x", -1, 2), t.suggest_float("y", 1e-4, 1, log=True), t.suggest_float("z", 0, 3)]


def steps(t):
    return [t.suggest_float("a", 0, 1, step=0.125), t.suggest_int("b", -3, 4), t.suggest_float("c", 0, 1),
            t.suggest_int("d", 0, 1)]


def logs(t):
    return [t.suggest_int("k", 1, 300, log=True), t.suggest_int("s", 0, 90, step=15), t.suggest_float("x", 0, 1)]


reference = {
    "madeWith": f"cmaes {cmaes.__version__}, optuna {optuna.__version__}, numpy {np.__version__}",
    "runs": [full(1), full(2, 2), full(3), full(5, 9), full(4, sigma=1e-4, generations=8), separable(2), separable(5), separable(4, 11),
             margin([0, 5, 2]), margin([3, 0, 9, 30]), margin([2, 2, 4], 6, 20), margin([0, 0]),
             full(2, lr_adapt=True), full(4, 8, lr_adapt=True, generations=12)],
    "warmStarts": [warm(10, 2), warm(57, 3)],
    "studies": [study("CmaEsSampler(seed=3)", {}, floats),
                study("CmaEsSampler(seed=3)", {}, logs, "maximize"),
                study("CmaEsSampler(seed=3, use_separable_cma=True, popsize=5)", {"use_separable_cma": True, "popsize": 5}, floats),
                study("CmaEsSampler(seed=3, with_margin=True)", {"with_margin": True}, steps),
                study("CmaEsSampler(seed=3, lr_adapt=True)", {"lr_adapt": True}, floats)],
}
print(json.dumps(reference))
