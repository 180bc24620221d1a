"""The peers' side of the speed bench: runs one SpeedJob (speed-cases.ts), given as JSON, and prints a StudyTime per study."""
import importlib
import json
import sys
import time
import warnings

job = json.loads(sys.argv[1])
warnings.filterwarnings("ignore")
peer = importlib.import_module(job["side"])
if job["side"] == "optuna":
    peer.logging.set_verbosity(peer.logging.ERROR)
NAMES = [f"x{i}" for i in range(job["dimensions"])]
SAMPLERS = {"random": "RandomSampler", "tpe": "TPESampler", "nsga2": "NSGAIISampler", "cmaes": "CmaEsSampler"}


def objective(trial):
    first = second = 0.0
    for name in NAMES:
        value = trial.suggest_float(name, -5, 5)
        first += value * value
        second += (value - 2) * (value - 2)
    return first if job["nObjectives"] == 1 else (first, second)


times = []
for seed in range(job["studies"]):
    wall, cpu = time.perf_counter(), time.process_time()
    sampler = getattr(peer.samplers, SAMPLERS[job["sampler"]])(seed=seed)
    study = peer.create_study(directions=["minimize"] * job["nObjectives"], sampler=sampler)
    study.optimize(objective, n_trials=job["nTrials"])
    times.append({"wallS": time.perf_counter() - wall, "cpuS": time.process_time() - cpu})
    assert len(study.trials) == job["nTrials"]
print(json.dumps(times))
