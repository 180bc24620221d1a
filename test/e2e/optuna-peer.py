"""Optuna's side of the interop test: commands for answer_lines.py, each with a database file as its first argument."""

import io
import json
import warnings

import optuna
from optuna.distributions import distribution_to_json

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")


def dump(path):
    """Every study and trial as Optuna reads it."""
    storage = optuna.storages.RDBStorage("sqlite:///" + path)
    studies = []
    for summary in optuna.get_all_study_summaries(storage):
        study = optuna.load_study(study_name=summary.study_name, storage=storage)
        trials = [
            {
                "number": t.number,
                "state": t.state.name,
                "params": list(t.params.items()),
                "distributions": {k: distribution_to_json(d) for k, d in t.distributions.items()},
                "values": t.values,
                "user_attrs": t.user_attrs,
                "system_attrs": t.system_attrs,
                "constraints": list(t.constraints.values()),
                "intermediate_values": sorted(t.intermediate_values.items()),
                "datetime_start": t.datetime_start and t.datetime_start.isoformat(" ", "milliseconds"),
                "datetime_complete": t.datetime_complete
                and t.datetime_complete.isoformat(" ", "milliseconds"),
            }
            for t in study.get_trials()
        ]
        studies.append(
            {
                "study_name": summary.study_name,
                "directions": [d.name for d in study.directions],
                "user_attrs": study.user_attrs,
                "trials": trials,
            }
        )
    return studies


def objective(trial):
    x = trial.suggest_float("x", 1e-4, 1.0, log=True)
    n = trial.suggest_int("n", 8, 64, step=8)
    act = trial.suggest_categorical("act", ["relu", "gelu", None])
    trial.report(x, 0)
    return x + n + (0 if act == "relu" else 1)


def proceed(path, n_trials):
    """Goes on with the study 'study' by TPE."""
    study = optuna.load_study(
        study_name="study",
        storage="sqlite:///" + path,
        sampler=optuna.samplers.TPESampler(seed=1, n_startup_trials=2),
    )
    study.optimize(objective, n_trials=int(n_trials))
    return len(study.trials)


def write(path):
    """A file with one of everything."""
    storage = "sqlite:///" + path
    study = optuna.create_study(study_name="study", storage=storage, sampler=optuna.samplers.RandomSampler(seed=3))
    study.set_user_attr("odd", [float("nan"), float("inf"), {"t": "NaN"}])
    study.optimize(objective, n_trials=5)
    trial = study.ask()
    trial.suggest_float("x", 1e-4, 1.0, log=True)
    trial.set_constraint("c", 0.5)
    trial.set_constraint("d", -2)
    trial.set_user_attr("odd", float("-inf"))
    for step, value in [(3, float("nan")), (1, float("inf")), (2, -1.5)]:
        trial.report(value, step)
    study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    study.tell(study.ask(), float("inf"))
    study.tell(study.ask(), state=optuna.trial.TrialState.FAIL)
    study.ask()  # Stays RUNNING: Optuna's, not to be claimed by anybody else.
    study.enqueue_trial({"x": 0.25, "n": 16, "act": "relu"})
    optuna.create_study(study_name="other", storage=storage, directions=["maximize", "minimize"])
    return len(study.trials)


ODD_CHOICES = [float("inf"), float("-inf"), float("nan"), -0.0, None, "NaN"]


def odd_objective(trial):
    trial.suggest_categorical("odd", ODD_CHOICES)
    trial.suggest_categorical("constructor", [float("inf"), None])
    trial.suggest_int("__proto__", 0, 3)
    return 0.0


def proceed_odd(path, n_trials):
    """Goes on with the study 'odd' by TPE."""
    sampler = optuna.samplers.TPESampler(seed=1, n_startup_trials=2)
    study = optuna.load_study(study_name="odd", storage="sqlite:///" + path, sampler=sampler)
    study.optimize(odd_objective, n_trials=int(n_trials))
    return len(study.trials)


def write_odd(path):
    """What Optuna allows, if with a warning."""

    def objective(trial):
        odd_objective(trial)
        trial.suggest_categorical("tuple", [(1, 2), ("a", float("inf")), "x"])
        trial.suggest_categorical("twice", [1, 1.0])
        trial.suggest_int("big", 0, 2**63 - 1)
        trial.suggest_int("bigstep", -(2**60), 2**60, step=2**50)
        return 0.0

    storage = "sqlite:///" + path
    study = optuna.create_study(study_name="odd", storage=storage, sampler=optuna.samplers.RandomSampler(seed=3))
    study.optimize(objective, n_trials=12)
    wide = optuna.distributions.FloatDistribution(-1.7e308, 1.7e308)
    study.add_trial(optuna.trial.create_trial(params={"wide": 1.5}, distributions={"wide": wide}, value=1.0))
    optuna.create_study(study_name="odd/independent", storage=storage)
    return copy(path, "odd")


def copy(path, name):
    """Copies a study to 'copy'."""
    storage = "sqlite:///" + path
    optuna.copy_study(from_study_name=name, from_storage=storage, to_storage=storage, to_study_name="copy")
    return name


def dashboard(path):
    """What optuna-dashboard's server answers about every study."""
    from wsgiref.util import setup_testing_defaults

    from optuna_dashboard import wsgi

    app = wsgi(optuna.storages.RDBStorage("sqlite:///" + path))

    def get(route):
        environ = {"wsgi.input": io.BytesIO()}
        setup_testing_defaults(environ)
        environ.update(PATH_INFO=route, REQUEST_METHOD="GET")
        status = []
        body = b"".join(app(environ, lambda line, headers, exc_info=None: status.append(line)))
        return {"status": status[0], "body": json.loads(body)}

    studies = get("/api/studies")
    details = [get(f"/api/studies/{s['study_id']}") for s in studies["body"]["study_summaries"]]
    return {"studies": studies, "details": details}


COMMANDS = {
    "dump": dump,
    "proceed": proceed,
    "write": write,
    "proceed-odd": proceed_odd,
    "write-odd": write_odd,
    "copy": copy,
    "dashboard": dashboard,
}
