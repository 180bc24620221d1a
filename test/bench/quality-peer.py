"""Optuna's side of the quality bench (quality-run.ts has the protocol)."""
import json
import sys
import time
import warnings

import optuna

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

SAMPLERS = {
    "tpe": optuna.samplers.TPESampler,
    "nsga2": optuna.samplers.NSGAIISampler,
    "nsga3": optuna.samplers.NSGAIIISampler,
    "gp": optuna.samplers.GPSampler,
    "cmaes": optuna.samplers.CmaEsSampler,
    "qmc": optuna.samplers.QMCSampler,
    "random": optuna.samplers.RandomSampler,
}


def write(message):
    print(json.dumps(message), flush=True)


def suggest(trial, name, distribution):
    d = distribution
    if isinstance(d, optuna.distributions.CategoricalDistribution):
        return trial.suggest_categorical(name, d.choices)
    if isinstance(d, optuna.distributions.IntDistribution):
        return trial.suggest_int(name, d.low, d.high, step=d.step, log=d.log)
    return trial.suggest_float(name, d.low, d.high, step=d.step, log=d.log)


def run(request):
    parameters = [(p["name"], optuna.distributions.json_to_distribution(p["distribution"]), p["parent"], p["choice"])
                  for p in request["parameters"]]

    def objective(trial):
        params = {}
        for name, distribution, parent, choice in parameters:
            if parent is None or params.get(parent) == choice:
                params[name] = suggest(trial, name, distribution)
        write({"params": params})
        answer = json.loads(sys.stdin.readline())
        for k, value in enumerate(answer["constraints"] or []):
            trial.set_constraint(str(k), value)
        return answer["values"]

    study = optuna.create_study(directions=request["directions"], sampler=SAMPLERS[request["sampler"]](seed=request["seed"]))
    study.optimize(objective, n_trials=request["nTrials"])


while line := sys.stdin.readline():
    before = time.process_time()
    run(json.loads(line))
    write({"cpuS": time.process_time() - before})
