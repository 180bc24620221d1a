"""Files of older Optunas, made by Optuna's own migrations, and what Optuna reads of a file.

make FOLDER REVISION…   FOLDER/REVISION.db for each, from rows as Optuna 0.9 wrote them
upgrade PATH            Optuna's own upgrade to its head
dump PATH…              all studies of each file as JSON
"""
import json
import os
import sqlite3
import warnings

import alembic.command
import alembic.config
import optuna

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

FLOAT32_MAX = 3.4028234663852886e38

ROWS = {
    "studies": [(1, "old", "MAXIMIZE"), (2, "second", "MINIMIZE"), (5, "unset", "NOT_SET")],
    "version_info": [(1, 12, "0.19.0")],
    "study_user_attributes": [(1, 1, "note", '"kept"')],
    "study_system_attributes": [(1, 2, "list", "[1, NaN]")],
    "trials": [
        (1, 1, "COMPLETE", 0.5, "2019-05-01 10:00:00.000001", "2019-05-01 10:00:01.500000"),
        (2, 2, "COMPLETE", -1e20, "2019-05-01 10:00:02.000000", "2019-05-01 10:00:03.000000"),
        (3, 1, "PRUNED", FLOAT32_MAX, "2019-05-01 10:00:04.000000", "2019-05-01 10:00:05.000000"),
        (5, 1, "RUNNING", None, "2019-05-01 10:00:06.000000", None),
        (6, 1, "COMPLETE", -FLOAT32_MAX, "2019-05-01 10:00:07.000000", "2019-05-01 10:00:08.000000"),
        (9, 1, "FAIL", None, "2019-05-01 10:00:09.000000", "2019-05-01 10:00:10.000000"),
    ],
    "trial_params": [
        (1, 1, "u", 0.25, '{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}'),
        (2, 1, "l", 0.01, '{"name": "LogUniformDistribution", "attributes": {"low": 0.001, "high": 1.0}}'),
        (3, 1, "d", 0.3, '{"name": "DiscreteUniformDistribution", "attributes": {"low": 0.1, "high": 1.05, "q": 0.1}}'),
        (4, 1, "i", 3.0, '{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 10}}'),
        (5, 1, "s", 7.0, '{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 11, "step": 3}}'),
        (6, 1, "g", 8.0, '{"name": "IntLogUniformDistribution", "attributes": {"low": 1, "high": 64}}'),
        (7, 1, "c", 1.0, '{"name": "CategoricalDistribution", "attributes": {"choices": ["a", "b", null]}}'),
        (8, 2, "u", 0.5, '{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}'),
    ],
    "trial_values": [
        (1, 1, 0, 0.1),
        (2, 1, 7, 0.4),
        (3, 3, 1, FLOAT32_MAX),
        (4, 3, 2, -FLOAT32_MAX),
        (5, 3, 3, 1e17),
    ],
    "trial_user_attributes": [(1, 1, "mood", '{"a": [1, 2]}')],
    "trial_system_attributes": [
        (k, trial, "_number", str(number))
        for k, (trial, number) in enumerate([(1, 0), (2, 0), (3, 1), (5, 2), (6, 3), (9, 4)], 1)
    ]
    + [(20, 9, "fail_reason", '"broken"')],
}


def config(path: str) -> alembic.config.Config:
    folder = os.path.join(os.path.dirname(optuna.__file__), "storages", "_rdb")
    made = alembic.config.Config(os.path.join(folder, "alembic.ini"))
    made.set_main_option("script_location", os.path.join(folder, "alembic").replace("%", "%%"))
    made.set_main_option("sqlalchemy.url", f"sqlite:///{path}".replace("%", "%%"))
    return made


def make(path: str, revision: str) -> None:
    alembic.command.upgrade(config(path), "v0.9.0.a")
    with sqlite3.connect(path) as db:
        for table, rows in ROWS.items():
            for row in rows:
                db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    alembic.command.upgrade(config(path), revision)


def dumped(path: str) -> list:
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    studies = []
    for record in storage.get_all_studies():
        study = optuna.load_study(study_name=record.study_name, storage=storage)
        studies.append(
            {
                "name": record.study_name,
                "directions": [d.name for d in record.directions],
                "user_attrs": record.user_attrs,
                "system_attrs": record.system_attrs,
                "trials": [
                    {
                        "number": t.number,
                        "state": t.state.name,
                        "values": t.values,
                        "params": t.params,
                        "distributions": {
                            n: json.loads(optuna.distributions.distribution_to_json(d))
                            for n, d in t.distributions.items()
                        },
                        "intermediate": {str(s): v for s, v in t.intermediate_values.items()},
                        "user_attrs": t.user_attrs,
                        "system_attrs": t.system_attrs,
                        "start": str(t.datetime_start),
                        "complete": str(t.datetime_complete),
                    }
                    for t in study.trials
                ],
            }
        )
    return studies


def make_all(folder: str, *revisions: str) -> bool:
    for revision in revisions:
        make(os.path.join(folder, f"{revision}.db"), revision)
    return True


def upgrade(path: str) -> bool:
    optuna.storages.RDBStorage(
        f"sqlite:///{path}", skip_compatibility_check=True, skip_table_creation=True
    ).upgrade()
    return True


COMMANDS = {
    "make": make_all,
    "upgrade": upgrade,
    "dump": lambda *paths: [dumped(path) for path in paths],
}
