"""Optuna's side of study-tools-interop.test.ts: commands for answer_lines.py."""
import json
import mimetypes
import warnings

import optuna
from optuna.artifacts import FileSystemArtifactStore, download_artifact, get_all_artifact_meta, upload_artifact

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


def open_study(path, name):
    return optuna.load_study(study_name=name, storage=f"sqlite:///{path}")


def meta_of(owner, storage):
    return [vars(meta) for meta in get_all_artifact_meta(owner, storage=storage)]


def artifacts(path, folder, target):
    """Lists what the study and its first trial keep, downloads the latter's, and adds one to a trial of its own."""
    study = open_study(path, "study")
    storage = study._storage
    store = FileSystemArtifactStore(folder)
    listed = {"study": meta_of(study, storage), "trial": meta_of(study.trials[0], storage)}
    download_artifact(
        artifact_store=store, file_path=target, artifact_id=listed["trial"][0]["artifact_id"]
    )
    trial = study.ask()
    listed["theirs"] = upload_artifact(artifact_store=store, file_path=target, study_or_trial=trial)
    study.tell(trial, 2.0)
    return listed


def dashboard(path):
    """The artifacts of the first trial and of the study, as optuna-dashboard lists them."""
    from optuna_dashboard.artifact._backend import list_study_artifacts, list_trial_artifacts

    study = open_study(path, "study")
    trial = study.trials[0]
    attrs = study._storage.get_study_system_attrs(study._study_id)
    return {
        "study": list_study_artifacts(attrs),
        "trial": list_trial_artifacts(attrs, trial.system_attrs, trial),
    }


def media_types(*names):
    table = mimetypes.MimeTypes(filenames=())
    return {name: table.guess_type(name) for name in names}


def copied(path):
    """Every study as Optuna reads it, after one more trial of the first."""
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    studies = {}
    for name in optuna.get_all_study_names(storage):
        study = optuna.load_study(study_name=name, storage=storage)
        studies[name] = {
            "directions": [d.name for d in study.directions],
            "user_attrs": study.user_attrs,
            "trials": [[t.state.name, t.params, t.values, len(t.intermediate_values)] for t in study.trials],
        }
    first = optuna.load_study(study_name=next(iter(studies)), storage=storage)
    first.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=1)
    last = first.trials[-1]
    return {"studies": studies, "next": [last.number, last.state.name]}


def data_frame(path, csv):
    """Differences between our CSV, as pandas reads it, and trials_dataframe()."""
    import pandas as pd

    frame = open_study(path, "study").trials_dataframe()
    ours = pd.read_csv(csv)
    if list(ours.columns) != list(frame.columns):
        return [list(ours.columns), list(frame.columns)]
    for column in ["datetime_start", "datetime_complete"]:
        # Optuna's are of the local zone, without saying so.
        ours[column] = pd.to_datetime(ours[column]).dt.tz_localize(None)
    ours["duration"] = pd.to_timedelta(ours["duration"], unit="s").dt.round("ms")
    different = []
    for column in frame.columns:
        for number, (a, b) in enumerate(zip(ours[column], frame[column])):
            if isinstance(b, (list, dict)):
                a = json.loads(a)
            is_missing = not isinstance(b, (list, dict)) and pd.isna(b)
            if not (pd.isna(a) if is_missing else a == b):
                different.append([column, number, str(a), str(b)])
    return different


COMMANDS = {f.__name__: f for f in [artifacts, dashboard, media_types, copied, data_frame]}
