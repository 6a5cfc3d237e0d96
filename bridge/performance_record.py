"""`perform.json`: how a performance came about, as text and back.

A JSON object with a line for each note; every value that a person may have changed is checked.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bridge.versions import sounding_versions
from plugin_core.score.user_file import read_user_file, text_of
from plugin_core.session.tables import Table
from plugin_core.types import (
    CONTROLS,
    Controller,
    ControllerKind,
    Expression,
    ExpressiveNote,
    InputError,
    Lane,
    Note,
)

if TYPE_CHECKING:
    from bridge.performance_folder import Folder

RECORD = "perform.json"
SCHEMA = 1

_LARGEST = 256 * 2**20
_KIND = "the record of a performance"
_FARTHEST = 1e6


def record_text(folder: "Folder") -> str:
    """Return the text of a take's `perform.json`, a line for each note."""
    take = folder.take
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "versions": sounding_versions(models=True),
        "models": dict(folder.models),
        "source": folder.source,
        "sound": take.sound.reference,
        "seed": take.seed,
        "temperature": folder.temperature,
        "sample_rate": folder.sample_rate,
        "frames": folder.frame_count,
        "gain_db": take.performance.gain_db,
        "files": dict(folder.files),
        "lanes": {
            name: np.stack((lane.times_s, lane.values), axis=1).tolist()
            for name, lane in take.lanes.items()
        },
    }
    trios = zip(take.notes, take.predicted, folder.digests, strict=True)
    lists: dict[str, list[Any]] = {
        "controllers": [
            [each.time_s, each.kind.value, each.index, each.value, each.channel]
            for each in take.controllers
        ],
        "notes": [
            {
                **{item.name: getattr(each.note, item.name) for item in fields(Note)},
                "controls": list(each.expression),
                "predicted": list(predicted),
                "frames": digest,
            }
            for each, predicted, digest in trios
        ],
    }
    text = json.dumps(head, indent=1)[:-2]
    for name, rows in lists.items():
        lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
        text += f',\n "{name}": [\n{lines}\n ]' if rows else f',\n "{name}": []'
    return text + "\n}\n"


def players_record_text(source: str, count: int, files: Mapping[str, str]) -> str:
    """Return the text of the `perform.json` above the folders of several players."""
    content = {"schema": SCHEMA, "source": source, "players": count, "files": dict(files)}
    return json.dumps(content, indent=1) + "\n"


def read_record(folder: Path) -> Table:
    """Return the record in a folder as a table; raises InputError for what is none."""
    path = folder / RECORD
    text = text_of(read_user_file(path, _LARGEST, _KIND), _LARGEST, source=str(path))
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(path, "", f"{_KIND} in JSON", error) from error
    if not isinstance(values, dict):
        raise InputError(path, "", _KIND, "something else in JSON")
    record = Table(str(path), "", values)
    if record.integer("schema", SCHEMA, SCHEMA) is None:
        raise record.error("schema", f"{SCHEMA}")
    return record


def number_of(table: Table, key: str, low: float, high: float) -> float:
    """Return a number that must be there."""
    value = table.number(key, low, high)
    if value is None:
        raise table.error(key, "a number")
    return value


def note_of(entry: Table) -> ExpressiveNote:
    """Return a note with its controls."""
    onset_s, offset_s = (number_of(entry, key, 0.0, _FARTHEST) for key in ("onset_s", "offset_s"))
    if offset_s <= onset_s:
        raise entry.error("offset_s", f"a time after the onset at {onset_s:g} s")
    pitch, velocity, channel = (
        int(number_of(entry, key, low, high))
        for key, low, high in (("midi_pitch", 0, 127), ("velocity", 1, 127), ("channel", 0, 15))
    )
    return ExpressiveNote(
        Note(onset_s, offset_s, pitch, velocity, channel), controls_of(entry, "controls")
    )


def controls_of(entry: Table, key: str) -> Expression:
    """Return six controls, any finite numbers."""
    values = entry.values.get(key)
    if not isinstance(values, list) or len(values) != len(CONTROLS):
        raise entry.error(key, f"{len(CONTROLS)} numbers")
    named = Table(entry.source, entry.at(key), dict(zip(CONTROLS, values, strict=True)))
    return Expression(*(number_of(named, name, -_FARTHEST, _FARTHEST) for name in CONTROLS))


def lanes_of(record: Table) -> dict[str, Lane]:
    """Return the lanes that moved inside the notes."""
    lanes = record.table("lanes")
    return {name: _lane(lanes, name) for name in lanes.values}


def _lane(lanes: Table, name: str) -> Lane:
    points = lanes.values[name]
    try:
        table = np.array(points, np.float64)
        if name not in CONTROLS or table.ndim != 2 or table.shape[1] != 2:
            raise ValueError
        return Lane.of((float(time), float(value)) for time, value in table)
    except (ValueError, TypeError) as error:
        raise lanes.error(name, "[time, value] pairs of a control") from error


def controllers_of(record: Table) -> Iterable[Controller]:
    """Yield the controllers of the part that was played."""
    expected = "rows of time, kind, index, value and channel"
    rows = record.values.get("controllers", [])
    if not isinstance(rows, list):
        raise record.error("controllers", expected)
    try:
        for time_s, kind, index, value, channel in rows:
            yield Controller(
                float(time_s), ControllerKind(kind), int(index), int(value), int(channel)
            )
    except (ValueError, TypeError) as error:
        raise record.error("controllers", expected) from error


def texts_of(table: Table) -> dict[str, str]:
    """Return a table of nothing but texts."""
    return {key: table.text(key) or "" for key in table.values}
