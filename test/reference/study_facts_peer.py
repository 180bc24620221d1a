"""What Optuna sees of a study's names, constraints and running trials, and what it leaves of its own."""
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def load(path, name):
    return optuna.load_study(study_name=name, storage=f"sqlite:///{path}")


def facts(path, name):
    study = load(path, name)
    return {
        "metric_names": study.metric_names,
        "columns": [c for c in study.trials_dataframe().columns if c.startswith("value")],
        "constraints": [t.constraints for t in study.trials],
        "best": [t.number for t in study.best_trials],
        "states": [t.state.name for t in study.trials],
        "values": [t.values for t in study.trials],
    }


def run_constrained(path, name, n_trials):
    """Goes on with a study by TPE, and names constraints itself."""

    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        trial.set_constraint("memory", x - 0.5)
        trial.set_constraint("0", -1.0)
        return x, x**2

    study = optuna.load_study(
        study_name=name, storage=f"sqlite:///{path}", sampler=optuna.samplers.TPESampler(seed=1)
    )
    study.optimize(objective, n_trials=n_trials)
    return len(study.trials)


def ask(path, name):
    """As `optuna ask` does in a process of its own."""
    space = {"x": optuna.distributions.FloatDistribution(0, 1)}
    return load(path, name).ask(fixed_distributions=space).number


def tell(path, name, number, *values):
    load(path, name).tell(int(number), [float(v) for v in values])
    return True


def name_metrics(path, name, *names):
    load(path, name).set_metric_names(list(names))
    return True


COMMANDS = {
    "facts": facts,
    "run": lambda path, name, n: run_constrained(path, name, int(n)),
    "ask": ask,
    "tell": tell,
    "name": name_metrics,
}
