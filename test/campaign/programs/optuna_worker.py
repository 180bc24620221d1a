"""One Optuna process beside ours: python optuna_worker.py URL STUDY TRIALS."""
import sys

import optuna

url, study_name, trials = sys.argv[1:]
optuna.logging.set_verbosity(optuna.logging.WARNING)
print("ready", flush=True)
sys.stdin.read()
study = optuna.load_study(study_name=study_name, storage=url)
study.optimize(lambda t: t.suggest_float("x", -5, 5) ** 2 + t.suggest_int("n", 1, 4), n_trials=int(trials))
