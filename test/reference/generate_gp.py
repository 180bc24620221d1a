"""Reference values of Optuna for the Gaussian process sampler: prints one JSON object, of random data made from a seed.

Made with optuna 5.0.0, torch 2.13.0, numpy 2.4.6, scipy 1.17.1. Each entry carries the call that made it.
Run: python test/reference/generate_gp.py 7 > test/reference/gp.json
"""
import json
import sys
import warnings

import numpy as np
import optuna
import scipy.stats
import torch
from optuna._gp import acqf, gp, prior
from optuna._gp.search_space import SearchSpace
from optuna._hypervolume import get_non_dominated_box_bounds
from optuna.distributions import CategoricalDistribution as Cat
from optuna.distributions import FloatDistribution as Float
from optuna.distributions import IntDistribution as Int
from optuna.trial import create_trial

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.CRITICAL)
rng = np.random.RandomState(int(sys.argv[1]))
CATEGORICAL = np.array([False, False, True])


def plain(x):
    return np.asarray(x.detach() if isinstance(x, torch.Tensor) else x).tolist()


def points(n):
    return np.column_stack([rng.rand(n), rng.rand(n), rng.randint(0, 3, n)]).astype(float)


def regressor(x, y, scale, noise, weights):
    r = gp.GPRegressor(
        is_categorical=torch.from_numpy(CATEGORICAL), X_train=torch.from_numpy(x), y_train=torch.from_numpy(y),
        inverse_squared_lengthscales=torch.tensor(weights, dtype=torch.float64),
        kernel_scale=torch.tensor(scale, dtype=torch.float64), noise_var=torch.tensor(noise, dtype=torch.float64))
    return r


def process(n, scale, noise, weights):
    x, y, at = points(n), rng.randn(n), points(6)
    running = points(2)
    r = regressor(x, y, scale, noise, weights)
    threshold = float(y.max())
    space = SearchSpace({"a": Float(0, 1), "b": Float(0, 1), "c": Cat(["p", "q", "r"])})
    out = {
        "call": "GPRegressor(...): kernel(), marginal_log_likelihood(), default_log_prior(r), posterior(at), "
                "LogEI(r, threshold=max(y)), LogPI(r, threshold=0.3), append_running_data(running, posterior(running)[0])",
        "x": plain(x), "y": plain(y), "at": plain(at), "running": plain(running), "isCategorical": plain(CATEGORICAL),
        "params": {"inverseSquaredLengthscales": weights, "kernelScale": scale, "noiseVar": noise},
        "kernel": plain(r.kernel()), "logLikelihood": r.marginal_log_likelihood().item(),
        "logPrior": prior.default_log_prior(r).item(),
    }
    r._cache_matrix()
    t = torch.from_numpy(at)
    mean, var = r.posterior(t)
    out |= {"mean": plain(mean), "variance": plain(var),
            "logEi": plain(acqf.LogEI(r, space, threshold).eval_acqf(t)),
            "logPi": plain(acqf.LogPI(r, space, 0.3).eval_acqf(t))}
    run = torch.from_numpy(running)
    r.append_running_data(run, r.posterior(run)[0])
    mean, var = r.posterior(t)
    return out | {"believedMean": plain(mean), "believedVariance": plain(var)}


def fit(n):
    x = points(n)
    y = np.sin(6 * x[:, 0]) + (x[:, 1] - 0.4) ** 2 + 0.5 * (x[:, 2] == 1) + 0.05 * rng.randn(n)
    y = (y - y.mean()) / y.std()
    r = gp.fit_kernel_params(x, y, CATEGORICAL, prior.default_log_prior, prior.DEFAULT_MINIMUM_NOISE_VAR, False, gtol=1e-6)
    value = (r.marginal_log_likelihood() + prior.default_log_prior(r)).item()
    return {"call": "fit_kernel_params(x, y, is_categorical, default_log_prior, 1e-6, False, gtol=1e-6)", "x": plain(x),
            "y": plain(y), "isCategorical": plain(CATEGORICAL), "logPosterior": value,
            "params": {"inverseSquaredLengthscales": plain(r.inverse_squared_lengthscales),
                       "kernelScale": r.kernel_scale.item(), "noiseVar": r.noise_var.item()}}


def nodes(mean, sigma, edges):
    """Gauss-Legendre quadrature of a normal distribution, in pieces without kinks."""
    ends = np.unique(np.concatenate([np.linspace(mean - 9 * sigma, mean + 9 * sigma, 19), edges]))
    x, w = np.polynomial.legendre.leggauss(16)
    half = np.diff(ends)[:, None] / 2
    x = ends[:-1, None] + half * (1 + x)
    return x.ravel(), (half * w * scipy.stats.norm.pdf(x, mean, sigma)).ravel()


def ehvi2(n, mean, sigma):
    """The expectation, by quadrature, of what Optuna takes one sample to gain."""
    losses = rng.rand(n, 2)
    reference = np.array([1.1, 1.1])
    low, high = get_non_dominated_box_bounds(losses, reference)
    (x, wx), (y, wy) = (nodes(mean[j], sigma[j], np.append(losses[:, j], 1.1)) for j in range(2))
    samples = -np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 1, 2)
    gain = acqf.logehvi(torch.from_numpy(samples), torch.from_numpy(-high), torch.from_numpy(high - low)).exp().numpy()
    return {"call": "logehvi(-sample, -high, high - low), low, high = get_non_dominated_box_bounds(losses, reference)",
            "losses": plain(losses), "reference": plain(reference), "mean": mean, "sigma": sigma,
            "logEhvi": float(np.log(np.outer(wx, wy).ravel() @ gain))}


def gains(n, m):
    losses, at = rng.rand(n, m), rng.rand(8, m) * 0.8
    reference = np.full(m, 1.1)
    low, high = get_non_dominated_box_bounds(losses, reference)
    values = acqf.logehvi(torch.from_numpy(-at).unsqueeze(-2), torch.from_numpy(-high), torch.from_numpy(high - low))
    return {"call": "logehvi(-at, -high, high - low), low, high = get_non_dominated_box_bounds(losses, reference)",
            "losses": plain(losses), "reference": plain(reference), "at": plain(at), "gain": plain(values.exp())}


def normalized():
    space = {"a": Float(-3, 5), "b": Float(1e-4, 10, log=True), "c": Float(0, 1, step=0.25), "d": Int(2, 20, step=3),
             "e": Int(1, 100, log=True), "f": Cat(["p", "q", "r"])}
    params = [{k: (d.choices[rng.randint(3)] if isinstance(d, Cat) else v[rng.randint(len(v))])
               for (k, d), v in zip(space.items(), [[-3, 0.5, 5], [1e-4, 0.3, 10.0], [0.0, 0.25, 1.0], [2, 11, 20],
                                                    [1, 7, 100], [0]])} for _ in range(6)]
    trials = [create_trial(value=0.0, params=p, distributions=space) for p in params]
    return {"call": "SearchSpace(space).get_normalized_params(trials)",
            "space": {k: optuna.distributions.distribution_to_json(d) for k, d in space.items()}, "params": params,
            "normalized": plain(SearchSpace(space).get_normalized_params(trials))}


z = [-1e4, -300.0, -40.0, -25.1, -24.9, -10.0, -3.0, -1.1, -1.0, -0.9, 0.0, 0.5, 3.0, 20.0]
print(json.dumps({
    "madeWith": f"optuna {optuna.__version__}, torch {torch.__version__}, numpy {np.__version__}",
    "processes": [process(9, 1.3, 1e-2, [0.7, 4.0, 0.2]), process(14, 0.6, 1e-6, [30.0, 0.05, 2.0])],
    "fits": [fit(30)],
    "standardLogEi": {"call": "standard_logei(z)", "z": z, "value": plain(acqf.standard_logei(torch.tensor(z, dtype=torch.float64)))},
    "ehvi2": [ehvi2(6, [0.3, 0.4], [0.2, 0.3]), ehvi2(3, [0.9, 0.2], [0.1, 0.05])],
    "gains": [gains(7, 2), gains(12, 3), gains(8, 4)],
    "normalized": normalized(),
}))
