"""Reference values of Optuna for the sampler mathematics: prints one JSON object.

Made with optuna 5.0.0, numpy 2.4.6, scipy 1.17.1. Each entry carries the call that made it.
Run: python test/reference/generate_samplers.py > test/reference/samplers.json
"""
import json
import warnings

import numpy as np
import optuna
import scipy
import scipy.stats
from optuna._hypervolume import _solve_hssp, compute_hypervolume
from optuna.distributions import CategoricalDistribution as Cat
from optuna.distributions import FloatDistribution as Float
from optuna.distributions import IntDistribution as Int
from optuna.samplers._tpe import _truncnorm
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import _get_reference_point, _split_trials, default_weights
from optuna.samplers.nsgaii._elite_population_selection_strategy import (
    NSGAIIElitePopulationSelectionStrategy,
    _calc_crowding_distance,
)
from optuna.study._multi_objective import _fast_non_domination_rank
from optuna.trial import TrialState, create_trial

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
rng = np.random.RandomState(7)
PARAMETERS = "_ParzenEstimatorParameters(1.0, True, False, default_weights, True)"


def dist_json(d):
    return optuna.distributions.distribution_to_json(d)


def parzen(name, space, n, n_samples=4, ones=False):
    """log pdf of the mixture of `n` random observations, at draws from it and at the observations."""
    obs = {}
    for key, d in space.items():
        if isinstance(d, Cat):
            obs[key] = rng.randint(len(d.choices), size=n).astype(float)
        elif isinstance(d, Int) and n <= (d.high - d.low) // d.step:
            # Without ties: the order of equal observations is not defined by NumPy's argsort.
            obs[key] = (rng.permutation((d.high - d.low) // d.step + 1)[:n] * d.step + d.low).astype(float)
        elif isinstance(d, Int):
            obs[key] = rng.randint(d.low, d.high + 1, size=n).astype(float)
        elif d.step is not None:
            cells = int(round((d.high - d.low) / d.step)) + 1
            obs[key] = rng.permutation(cells)[:n] * d.step + d.low
        elif d.log:
            obs[key] = np.exp(rng.uniform(np.log(d.low), np.log(d.high), size=n))
        else:
            obs[key] = rng.uniform(d.low, d.high, size=n)
    params = _ParzenEstimatorParameters(1.0, True, False, default_weights, True)
    pe = _ParzenEstimator(obs, space, params, np.ones(n) if ones else None)
    samples = pe.sample(np.random.RandomState(3), n_samples)
    return {
        "name": name,
        "call": f"_ParzenEstimator(observations, space, {PARAMETERS}{', np.ones(n)' if ones else ''}).log_pdf(samples)",
        "space": {k: dist_json(d) for k, d in space.items()},
        "observations": {k: v.tolist() for k, v in obs.items()},
        "ones": ones,
        "samples": {k: v.tolist() for k, v in samples.items()},
        "logPdf": pe.log_pdf(samples).tolist(),
    }


flt, log = Float(-3.0, 7.0), Float(1e-5, 1e-1, log=True)
step, int_, int_step, int_log = Float(0.0, 5.0, step=0.25), Int(0, 40), Int(-20, 100, step=5), Int(1, 200, log=True)
cat = Cat(["a", "b", "c", "d"])
mixed = {"cat": cat, "flt": flt, "int": int_, "intLog": int_log, "intStep": int_step, "log": log, "step": step}
parzens = [parzen(f"{name}, {n} observations", {"x": d}, n)
           for name, d in [("float", flt), ("log float", log), ("stepped float", step), ("int", int_),
                           ("stepped int", int_step), ("log int", int_log), ("categorical", cat)]
           for n in [0, 1, 2, 9]]
parzens += [parzen("float, 60 observations (weights ramp)", {"x": flt}, 60),
            parzen("float, 25 observations", {"x": flt}, 25),
            parzen("float, 26 observations", {"x": flt}, 26),
            parzen("float, 150 observations (width limit)", {"x": flt}, 150),
            parzen("int, 24 observations with ties", {"x": Int(0, 9)}, 24),
            parzen("categorical, 60 observations", {"x": cat}, 60),
            parzen("multivariate floats, 40 observations", {"a": flt, "b": log, "c": flt}, 40),
            parzen("multivariate mixed, 0 observations", mixed, 0),
            parzen("multivariate mixed, 15 observations", mixed, 15),
            parzen("multivariate mixed, 15 observations of weight 1", mixed, 15, ones=True)]


def hv(points, ref):
    points = points.round(3)
    return {"call": "compute_hypervolume(np.array(points), np.array(reference))", "points": points.tolist(),
            "reference": ref.tolist(), "value": compute_hypervolume(points, ref)}


hypervolumes = []
for m in [1, 2, 3, 4, 5]:
    for n in [1, 2, 3, 12]:
        hypervolumes.append(hv(rng.rand(n, m), np.full(m, 1.1)))
    p = rng.randint(0, 5, size=(15, m)).astype(float)
    hypervolumes.append(hv(p, np.full(m, 5.0)))
for m in [2, 3, 4]:  # points of one front
    p = np.abs(rng.randn(20, m))
    hypervolumes.append(hv(p / np.linalg.norm(p, axis=1, keepdims=True), np.full(m, 1.2)))

ranks = []
for m in [1, 2, 3, 4]:
    for p in [rng.rand(20, m).round(3), rng.randint(0, 4, size=(20, m)).astype(float)]:
        ranks.append({"call": "_fast_non_domination_rank(np.array(points))", "points": p.tolist(), "violations": None,
                      "value": _fast_non_domination_rank(p).tolist()})
        v = np.maximum(rng.randint(-2, 3, size=len(p)), 0).astype(float)
        ranks.append({"call": "_fast_non_domination_rank(np.array(points), penalty=np.array(violations))",
                      "points": p.tolist(), "violations": v.tolist(),
                      "value": _fast_non_domination_rank(p, penalty=v).tolist()})
p = np.array([[1, np.inf], [np.inf, 1], [2, 2], [-np.inf, 3], [2, 2], [np.inf, np.inf]])
ranks.append({"call": "_fast_non_domination_rank(np.array(points))", "points": p.tolist(), "violations": None,
              "value": _fast_non_domination_rank(p).tolist()})


def crowding(points):
    m = points.shape[1]
    trials = [create_trial(values=row.tolist()) for row in points]
    for i, t in enumerate(trials):
        t.number = i
    d = _calc_crowding_distance(list(trials))
    return {"call": "_calc_crowding_distance([create_trial(values=row) for row in points])",
            "points": points.tolist(), "value": [d[i] for i in range(len(points))]}


crowdings = [crowding(rng.rand(12, m)) for m in [1, 2, 3]]
crowdings += [crowding(rng.randint(0, 4, size=(10, 2)).astype(float)),
              crowding(np.array([[1.0, 5.0], [1.0, 5.0], [1.0, 5.0]])),
              crowding(np.array([[-np.inf, 1.0], [0.0, np.inf], [2.0, np.inf], [np.inf, 3.0], [4.0, 2.0]])),
              crowding(np.array([[-np.inf, 1.0], [np.inf, 0.0]]))]

hssps = []
for m in [2, 3, 4]:
    for n, k in [(15, 1), (15, 5), (30, 12)]:
        p = np.abs(rng.randn(n, m))
        p = (p / np.linalg.norm(p, axis=1, keepdims=True)).round(3)
        ref = _get_reference_point(p)
        hssps.append({"call": "_solve_hssp(np.array(points), np.arange(n), size, np.array(reference))",
                      "points": p.tolist(), "reference": ref.tolist(), "size": k,
                      "value": sorted(_solve_hssp(p, np.arange(n), k, ref).tolist())})
p = np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0], [1.0, 2.0], [2.0, 1.0]])
for k in [1, 2, 3, 4]:
    hssps.append({"call": "_solve_hssp(np.array(points), np.arange(n), size, np.array(reference))",
                  "points": p.tolist(), "reference": [3.0, 3.5], "size": k,
                  "value": sorted(_solve_hssp(p, np.arange(5), k, np.array([3.0, 3.5])).tolist())})


def random_trials(m, n, with_constraints, with_pruned):
    trials, plain = [], []
    for i in range(n):
        u = rng.rand()
        state, values, inter = TrialState.COMPLETE, rng.randint(0, 12, size=m).astype(float).tolist(), {}
        if m == 1 and rng.rand() < 0.1:
            values = [float("inf") if rng.rand() < 0.5 else -float("inf")]
        if u < 0.15:
            state, values = TrialState.RUNNING, None
        elif with_pruned and u < 0.5:
            state, values = TrialState.PRUNED, None
            inter = {int(s): float(rng.randint(0, 3)) for s in rng.permutation(6)[: rng.randint(0, 4)]}
            if rng.rand() < 0.1:
                inter[5] = float("nan")
        cons = None
        if with_constraints and state != TrialState.RUNNING:
            cons = rng.randint(-2, 2, size=2).astype(float).tolist()
        attrs = {} if cons is None else {"constraints": cons}
        t = create_trial(state=state, values=values, intermediate_values=inter, system_attrs=attrs)
        t.number = i
        trials.append(t)
        plain.append({"state": state.name, "values": values, "intermediateValues": list(inter.items()), "constraints": cons})
    return trials, plain


splits = []
for directions in [["minimize"], ["maximize"], ["minimize", "maximize"], ["minimize"] * 3]:
    for with_constraints in [False, True]:
        for with_pruned in [False, True] if len(directions) == 1 else [False]:
            study = optuna.create_study(directions=directions)
            trials, plain = random_trials(len(directions), 30, with_constraints, with_pruned)
            cases = []
            for n_below in [0, 1, 4, 12, 25]:
                below, above = _split_trials(study, trials, n_below)
                assert len(below) + len(above) == len(trials)
                cases.append({"nBelow": n_below, "below": [t.number for t in below]})
            splits.append({"call": "_split_trials(study, trials, n_below)", "directions": directions, "trials": plain,
                           "cases": cases})

elites = []
for directions in [["minimize", "minimize"], ["maximize", "minimize", "minimize"]]:
    for with_constraints in [False, True]:
        study = optuna.create_study(directions=directions)
        trials, plain = [], []
        for i in range(40):
            values = rng.rand(len(directions)).round(3).tolist()
            cons = [float(rng.randint(-3, 3) + rng.rand().__round__(2))] if with_constraints else None
            t = create_trial(values=values, system_attrs={} if cons is None else {"constraints": cons})
            t.number = i
            trials.append(t)
            plain.append({"state": "COMPLETE", "values": values, "intermediateValues": [], "constraints": cons})
        elite = NSGAIIElitePopulationSelectionStrategy(population_size=20)(study, list(trials))
        elites.append({"call": "NSGAIIElitePopulationSelectionStrategy(population_size=20)(study, trials)",
                       "directions": directions, "trials": plain, "value": sorted(t.number for t in elite)})

ab = [(-1.0, 1.0), (-0.1, 30.0), (-30.0, 0.1), (2.0, 3.0), (-9.0, -8.0), (30.0, 31.0), (-101.0, -100.0), (-1e-3, 1e-3), (0.0, 5.0)]
truncnorms = {
    "logMass": [{"a": a, "b": b, "value": float(_truncnorm._log_gauss_mass(np.array([a]), np.array([b]))[0])} for a, b in ab],
    "logPdf": [{"x": x, "a": a, "b": b, "mean": 0.5, "sigma": 2.0,
                "value": float(_truncnorm.logpdf(np.array([x]), np.array([a]), np.array([b]), 0.5, 2.0)[0])}
               for a, b in ab for x in [0.5 + 2 * (a + (b - a) * f) for f in [0.1, 0.6]]],
    "ppf": [{"q": q, "a": a, "b": b, "value": float(scipy.stats.truncnorm.ppf(q, a, b))}
            for a, b in ab for q in [0.0, 1e-6, 0.3, 0.9, 1.0]],
}
weights = [{"n": n, "value": default_weights(n).tolist()} for n in [0, 1, 24, 25, 26, 27]]


def finite(o):
    """Infinity and NaN as strings, so that any JSON reader takes it."""
    if isinstance(o, dict):
        return {k: finite(v) for k, v in o.items()}
    if isinstance(o, (list, tuple)):
        return [finite(v) for v in o]
    if isinstance(o, float) and not np.isfinite(o):
        return "NaN" if np.isnan(o) else "Infinity" if o > 0 else "-Infinity"
    return o


print(json.dumps(finite({
    "madeWith": f"optuna {optuna.__version__}, numpy {np.__version__}, scipy {scipy.__version__}",
    "parzen": parzens, "hypervolume": hypervolumes, "ranks": ranks, "crowding": crowdings, "hssp": hssps,
    "split": splits, "elite": elites, "truncnorm": truncnorms, "weights": weights}), indent=None))
