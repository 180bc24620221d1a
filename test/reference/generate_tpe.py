"""Reference values of Optuna for TPE: prints one JSON object.

Made with optuna 5.0.0, numpy 2.4.6, scipy 1.17.1. Each entry carries the call that made it.
Run: python test/reference/generate_tpe.py > test/reference/tpe.json
"""
import json
import warnings

import numpy as np
import optuna
import scipy
from optuna.distributions import CategoricalDistribution as Cat
from optuna.distributions import FloatDistribution as Float
from optuna.distributions import IntDistribution as Int
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import _split_trials, default_gamma, default_gamma_multiobjective, default_weights
from optuna.search_space.group_decomposed import _SearchSpaceGroup
from optuna.trial import TrialState, create_trial

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
rng = np.random.RandomState(11)


def dist_json(d):
    return optuna.distributions.distribution_to_json(d)


def observations(d, n):
    """Without ties: the order of equal observations is not defined by NumPy's argsort."""
    if isinstance(d, Cat):
        return rng.randint(len(d.choices), size=n).astype(float)
    if d.step is not None:
        cells = int(round((d.high - d.low) / d.step)) + 1
        near = np.argsort(np.abs(np.arange(cells) - 0.3 * cells) + 0.3 * cells * rng.rand(cells))[:n]
        return d.low + rng.permutation(near) * d.step
    u = np.where(rng.rand(n) < 0.7, 0.3 + 0.03 * rng.randn(n), rng.rand(n)).clip(0, 1)
    x = np.exp(np.log(d.low) + u * (np.log(d.high) - np.log(d.low))) if d.log else d.low + u * (d.high - d.low)
    return np.array([float(f"{v:.7g}") for v in x])


def parzen(name, space, n, n_samples=6):
    """log pdf of the mixture of `n` clustered observations, at draws from it."""
    obs = {key: observations(d, n) for key, d in space.items()}
    pe = _ParzenEstimator(obs, space, _ParzenEstimatorParameters(1.0, True, False, default_weights, True))
    samples = pe.sample(np.random.RandomState(3), n_samples)
    return {
        "name": f"{name}, {n} observations",
        "call": "_ParzenEstimator(observations, space, _ParzenEstimatorParameters(1.0, True, False, default_weights, True))"
                ".log_pdf(samples)",
        "space": {k: dist_json(d) for k, d in space.items()},
        "observations": {k: v.tolist() for k, v in obs.items()},
        "samples": {k: v.tolist() for k, v in samples.items()},
        "logPdf": pe.log_pdf(samples).tolist(),
    }


flt, log = Float(-3.0, 7.0), Float(1e-5, 1e-1, log=True)
steps, ints, many = Float(0.0, 2.0, step=0.01), Int(-50, 350), Int(0, 100_000)
few, log_int, cat = Float(0.0, 12.0, step=0.25), Int(1, 2000, log=True), Cat(["a", "b", "c"])
everything = {"cat": cat, "flt": flt, "ints": ints, "log": log, "logInt": log_int, "many": many, "steps": steps}
parzens = [parzen(name, {"x": d}, n)
           for name, d, n in [("float", flt, 97), ("float", flt, 98), ("float", flt, 400), ("log float", log, 200),
                              ("stepped float", steps, 40), ("stepped float", steps, 150), ("few steps", few, 40),
                              ("int", ints, 30), ("int", ints, 200), ("int of many values", many, 60),
                              ("int of many values", many, 300), ("log int", log_int, 20), ("log int", log_int, 300)]]
parzens += [parzen("eleven floats", {f"x{i:02}": flt for i in range(11)}, 130),
            parzen("thirty floats", {f"x{i:02}": flt for i in range(30)}, 30),
            parzen("steps of all kinds", {"few": few, "ints": ints, "logInt": log_int, "many": many}, 45),
            parzen("everything", everything, 60), parzen("everything", everything, 140)]


def outside(name, space, obs, samples):
    """Observations that were made when the ranges were others."""
    pe = _ParzenEstimator({k: np.array(v) for k, v in obs.items()}, space,
                          _ParzenEstimatorParameters(1.0, True, False, default_weights, True))
    return {"name": f"{name}, some outside", "call": "_ParzenEstimator(observations, space, …).log_pdf(samples)",
            "space": {k: dist_json(d) for k, d in space.items()}, "observations": obs, "samples": samples,
            "logPdf": pe.log_pdf({k: np.array(v) for k, v in samples.items()}).tolist()}


parzens += [
    outside("float", {"x": Float(0.0, 1.0)}, {"x": [-4.0, 0.25, 0.5, 1.5, 30.0]}, {"x": [0.0, 0.1, 0.5, 1.0]}),
    outside("log float", {"x": log}, {"x": [1e-7, 1e-3, 5.0]}, {"x": [1e-5, 2e-4, 1e-1]}),
    outside("int", {"x": Int(0, 150)}, {"x": [-80.0, 3.0, 40.0, 400.0]}, {"x": [0.0, 7.0, 70.0, 150.0]}),
    outside("int of many values", {"x": Int(0, 5000)}, {"x": [-9000.0, 30.0, 6000.0]}, {"x": [0.0, 31.0, 5000.0]}),
    outside("mixed", {"a": Float(0.0, 1.0), "b": Int(0, 9), "c": cat, "d": Int(0, 200)},
            {"a": [-2.0, 0.5, 0.7, 3.0], "b": [4.0, 20.0, -3.0, 5.0], "c": [0.0, 1.0, 2.0, 1.0], "d": [7.0, -90.0, 60.0, 500.0]},
            {"a": [0.0, 0.6, 1.0], "b": [0.0, 4.0, 9.0], "c": [0.0, 1.0, 2.0], "d": [0.0, 8.0, 200.0]})]


def acquisition(directions, n, with_pruned=False, with_constraints=False, conditional=False):
    """What decides between candidates: log l - log g, for draws from l, in a history with running trials."""
    space = {"c": cat, "log": log, "x": flt}
    study = optuna.create_study(directions=directions)
    trials, plain = [], []
    for number in range(n):
        has = [k for k in space if not conditional or k != "log" or rng.rand() < 0.6]
        params = {"c": cat.choices[rng.randint(3)], "log": float(f"{10 ** rng.uniform(-5, -1):.6g}"),
                  "x": round(rng.uniform(-3, 7), 6)}
        params = {k: params[k] for k in has}
        state, values, inter = TrialState.COMPLETE, rng.rand(len(directions)).round(2).tolist(), {}
        u = rng.rand()
        if u < 0.1 or number >= n - 3:
            state, values = TrialState.RUNNING, None
        elif with_pruned and u < 0.6:
            state, values = TrialState.PRUNED, None
            inter = {int(s): float(rng.rand()) for s in rng.permutation(5)[: rng.randint(0, 4)]}
        cons = None
        if with_constraints and state != TrialState.RUNNING:
            cons = (rng.rand(2) - 0.7).round(3).tolist()
        t = create_trial(state=state, values=values, params=params, distributions={k: space[k] for k in params},
                         intermediate_values=inter, system_attrs={} if cons is None else {"constraints": cons})
        t.number = number
        trials.append(t)
        plain.append({"state": state.name, "params": params, "values": values, "constraints": cons,
                      "intermediateValues": list(inter.items())})
    finished = sum(t.state != TrialState.RUNNING for t in trials)
    gamma = default_gamma if len(directions) == 1 else default_gamma_multiobjective
    below, above = _split_trials(study, trials, gamma(finished))
    sampler = optuna.samplers.TPESampler()
    l = sampler._build_parzen_estimator(study, space, below, handle_below=True)
    g = sampler._build_parzen_estimator(study, space, above, handle_below=False)
    samples = l.sample(np.random.RandomState(5), 8)
    return {"call": "TPESampler()._compute_acquisition_func(samples, l, g) of _split_trials(study, trials, gamma(n))",
            "directions": directions, "space": {k: dist_json(d) for k, d in space.items()}, "trials": plain,
            "samples": {k: v.tolist() for k, v in samples.items()},
            "value": sampler._compute_acquisition_func(samples, l, g).tolist()}


acquisitions = [acquisition(["minimize"], 40), acquisition(["maximize"], 150),
                acquisition(["minimize"], 40, with_pruned=True), acquisition(["maximize"], 60, with_constraints=True),
                acquisition(["minimize"], 60, with_pruned=True, with_constraints=True, conditional=True),
                acquisition(["minimize", "maximize"], 60), acquisition(["minimize"] * 3, 80),
                acquisition(["minimize", "minimize"], 60, with_constraints=True, conditional=True)]


def groups(n_names, n_trials):
    names = [f"p{i}" for i in range(n_names)]
    group, subsets = _SearchSpaceGroup(), []
    for _ in range(n_trials):
        subset = [name for name in names if rng.rand() < 0.7]
        subsets.append(subset)
        group.add_distributions({name: flt for name in subset})
    return {"call": "_SearchSpaceGroup().add_distributions(…) of each subset", "subsets": subsets,
            "value": sorted(sorted(space) for space in group.search_spaces)}


decompositions = [groups(n_names, n_trials) for n_names in [3, 6, 12] for n_trials in [0, 1, 2, 3, 5]]

print(json.dumps({
    "madeWith": f"optuna {optuna.__version__}, numpy {np.__version__}, scipy {scipy.__version__}",
    "parzen": parzens, "acquisition": acquisitions, "groups": decompositions}))
