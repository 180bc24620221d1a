"""Reference values of Optuna for the genetic samplers: prints one JSON object.

Made with optuna 5.0.0, numpy 2.4.6. Each entry carries the call that made it, and the random numbers that the call drew.
Run: python test/reference/nsga-reference.py > test/reference/nsga.json
"""
import json
import warnings
from types import SimpleNamespace

import numpy as np
import optuna
from optuna.distributions import FloatDistribution as Float
from optuna.distributions import IntDistribution as Int
from optuna.samplers import nsgaii
from optuna.samplers._nsgaiii import _elite_population_selection_strategy as niching
from optuna.samplers.nsgaii._mutation import perform_mutation
from optuna.trial import create_trial

warnings.filterwarnings("ignore")
source = np.random.RandomState(11)


class Script:
    """A random source that keeps what it gave: uniforms, and standard normals."""

    def __init__(self):
        self.uniforms, self.normals = [], []

    def rand(self, n=None):
        us = source.rand(1 if n is None else n)
        self.uniforms += us.tolist()
        return us[0] if n is None else us

    def normal(self, loc, scale, size=None):
        zs = source.randn(1 if size is None else size)
        self.normals += zs.tolist()
        return loc + scale * (zs[0] if size is None else self.turned(zs))

    def turned(self, zs):
        return zs

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = int(self.rand() * (i + 1))
            items[i], items[j] = items[j], items[i]


class TurnedScript(Script):
    """UNDX sums normals over a basis of the directions across the line of the parents, that is, isotropic noise. The
    normals are given as the coordinates in that basis of noise that is drawn in the directions of the parameters."""

    def __init__(self, basis):
        super().__init__()
        self.basis = basis

    def turned(self, zs):
        return np.append(self.basis @ zs, 0.0)


def crossover(name, options, make, parents, bounds, n_objectives=1):
    parents, bounds = np.array(parents), np.array(bounds, dtype=float)
    operator = make()
    rng = Script()
    if name == "undx":
        rng = TurnedScript(operator._orthonormal_basis_vector_to_psl(parents, len(bounds)))
    study = SimpleNamespace(_is_multi_objective=lambda: n_objectives > 1)
    child = operator.crossover(parents, rng, study, bounds)
    return {"call": f"{type(operator).__name__}.crossover(parents, rng, study, bounds)", "name": name, "options": options,
            "nObjectives": n_objectives, "parents": parents.tolist(), "bounds": bounds.tolist(),
            "uniforms": rng.uniforms, "normals": rng.normals, "child": child.tolist()}


def random_parents(bounds, n):
    bounds = np.array(bounds)
    return bounds[:, 0] + source.rand(n, len(bounds)) * (bounds[:, 1] - bounds[:, 0])


UNLIKE = [[0, 1], [-5, 5], [-2, 300], [1e-3, 2e-3]]
LIKE = [[0, 2], [-1, 1], [5, 7], [-1, 1], [0, 2]]
crossovers = []
for bounds in [UNLIKE, LIKE, [[-3, 4]]]:
    for repeat in range(3):
        two, three = random_parents(bounds, 2), random_parents(bounds, 3)
        if repeat == 2:
            two[1, 0] = two[0, 0]
        crossovers += [
            crossover("uniform", {}, nsgaii.UniformCrossover, two, bounds),
            # Optuna takes the first parent with swapping_prob, we the second.
            crossover("uniform", {"swappingProb": 0.8}, lambda: nsgaii.UniformCrossover(0.2), two, bounds),
            crossover("blx-alpha", {}, nsgaii.BLXAlphaCrossover, two, bounds),
            crossover("blx-alpha", {"alpha": 1.5}, lambda: nsgaii.BLXAlphaCrossover(1.5), two, bounds),
            crossover("spx", {}, nsgaii.SPXCrossover, three, bounds),
            crossover("spx", {"epsilon": 0.7}, lambda: nsgaii.SPXCrossover(0.7), three, bounds),
        ]
        for name, cls in [("sbx", nsgaii.SBXCrossover), ("vsbx", nsgaii.VSBXCrossover)]:
            crossovers += [
                crossover(name, {}, cls, two, bounds),
                crossover(name, {}, cls, two, bounds, n_objectives=3),
                crossover(name, {"eta": 5, "uniformCrossoverProb": 0.2, "useChildGeneProb": 0.9},
                          lambda: cls(5, 0.2, 0.9), two, bounds),
            ]
        if bounds is not UNLIKE:
            crossovers += [
                crossover("undx", {}, nsgaii.UNDXCrossover, three, bounds),
                crossover("undx", {"sigmaXi": 0.9, "sigmaEta": 0.6}, lambda: nsgaii.UNDXCrossover(0.9, 0.6), three, bounds),
            ]

mutations = []
for d, values in [(Float(-1.0, 3.0), [-1.0, 0.3, 2.9]), (Float(1e-4, 1.0, log=True), [1e-4, 0.02, 0.9]), (Int(-50, 400), [-50, 7, 399]),
                  (Int(1, 1000, log=True), [1, 30]), (Float(0.0, 4.0, step=0.25), [0.0, 1.75]), (Int(0, 90, step=15), [30])]:
    for value in values:
        for eta in [20.0, 1.0]:
            rng = Script()
            mutated = perform_mutation(nsgaii.PolynomialMutation(eta), rng, None, d, value)
            mutations.append({"call": "perform_mutation(PolynomialMutation(eta), rng, study, distribution, value)", "eta": eta,
                              "distribution": optuna.distributions.distribution_to_json(d), "value": value,
                              "uniforms": rng.uniforms, "mutated": mutated})

reference_points = [{"call": "_generate_default_reference_point(m, p) / p", "nObjectives": m, "divisions": p,
                     "points": (niching._generate_default_reference_point(m, p) / p).tolist()}
                    for m, p in [(1, 3), (2, 1), (2, 5), (3, 3), (3, 4), (5, 3)]]


def trials_of(values, constraints=None):
    trials = [create_trial(values=list(v), system_attrs={} if constraints is None else {"constraints": [constraints[i]]})
              for i, v in enumerate(values)]
    for i, trial in enumerate(trials):
        trial.number = i
    return trials


def association(values, points):
    values = np.array(values, dtype=float)
    normalized = niching._normalize_objective_values(niching._filter_inf(trials_of(values)))
    closest, distances = niching._associate_individuals_with_reference_points(normalized.copy(), points)
    return {"call": "_associate_individuals_with_reference_points(_normalize_objective_values(_filter_inf(trials)), points)",
            "values": values.tolist(), "points": points.tolist(), "normalized": normalized.tolist(),
            "closest": closest.tolist(), "distances": distances.tolist()}


inf = float("inf")
even = niching._generate_default_reference_point
associations = [association(source.randn(14, m) * 3 + 1, even(m, p)) for m, p in [(1, 2), (2, 4), (3, 3), (4, 3)]]
associations += [
    association(source.rand(9, 3), source.rand(5, 3)),
    association([[1, 5, 2], [2, 4, 1], [inf, 0, 3], [0, -inf, 4], [3, 3, inf]], even(3, 3)),
    association([[1, 2, 3]] * 3 + [[2, 1, 3]], even(3, 2)),
    association([[1, 0, 0], [0, 1, 0], [0, 0, 0]], even(3, 2)),
    association([[4, 4]], even(2, 2)),
]

selections = []
for m, n, size, p in [(2, 30, 12, 3), (3, 40, 15, 3), (3, 40, 25, 12), (4, 30, 20, 2), (3, 12, 12, 3), (5, 40, 20, 3)]:
    for constraints in [None, (source.randint(-3, 3, size=n) + source.rand(n).round(2)).tolist()]:
        values = np.abs(source.randn(n, m)).round(3)
        rng = Script()
        study = SimpleNamespace(directions=[optuna.study.StudyDirection.MINIMIZE] * m)
        select = niching.NSGAIIIElitePopulationSelectionStrategy(population_size=size, dividing_parameter=p,
                                                                rng=SimpleNamespace(rng=rng))
        elite = select(study, trials_of(values, constraints))
        selections.append({"call": "NSGAIIIElitePopulationSelectionStrategy(population_size, dividing_parameter, rng)(study, trials)",
                           "values": values.tolist(), "constraints": constraints, "size": size, "divisions": p,
                           "uniforms": rng.uniforms, "elite": [t.number for t in elite]})


def finite(o):
    """Infinity as a string, so that any JSON reader takes it."""
    if isinstance(o, dict):
        return {k: finite(v) for k, v in o.items()}
    if isinstance(o, list):
        return [finite(v) for v in o]
    return str(o).replace("inf", "Infinity") if isinstance(o, float) and not np.isfinite(o) else o


print(json.dumps(finite({
    "madeWith": f"optuna {optuna.__version__}, numpy {np.__version__}",
    "crossovers": crossovers, "mutations": mutations, "referencePoints": reference_points,
    "associations": associations, "selections": selections})))
