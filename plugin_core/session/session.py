"""A session: what is played, by which sounds, how it is mixed. From TOML, from MIDI, or in Python.

A session file:

    name = "Chorale"            # default: the file's name
    midi = "chorale.mid"        # the MIDI file of tracks that name none
    sample_rate = 48000         # 22050..192000
    bit_depth = "32f"           # or "24"
    length = 62.5               # seconds; default: until the last sound, plus the tail
    tail = 3                    # seconds after the last key-up; default: what the sounds need
    tempo = 96                  # beats per minute instead of the MIDI file's tempo
    seed = 0                    # 0..65535, of everything random
    normalize = false           # one gain for all, so that the loudest peak fits
    time_unit = "seconds"       # of lanes: "seconds" or "beats"

    [[track]]                   # without any: one track per part of the MIDI file
    name = "Soprano"            # default: the part's name
    midi = "other.mid"
    track = 2                   # of the MIDI file, from 1
    channel = 1                 # 1..16; track and channel choose the part, several become one
    sound = "bank.syx#7"        # or "violin", "ddx7-violin"; default: by the part's program
    model = "phrase"            # of an instrument such as violin; or "live", as the plug-in plays
    gain = -3                   # dB, -120..24; a lane
    pan = [[0, -1], [8, 1]]     # -1 left .. 1 right; a lane; default: the part's CC10
    mute = false
    solo = false                # if any track is solo, only those sound
    effects = [{ name = "Reverb", room_size = 0.4 }, { vst3 = "eq.vst3", parameters = { q = 2 } }]

    [track.lanes]               # any parameter: controls, playing, DX7 fields; see score/lanes.py
    brightness = [[0, 0.4], [10, 0.9]]
    vibrato = "cc1"             # a controller that drives a lane does nothing else
    op3_level = { csv = "swell.csv", unit = "beats" }
    lfo_wave = "sine"

    [master]
    effects = [{ name = "Limiter" }]

Paths are relative to the session file. Unknown keys are errors.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from plugin_core.score.breakpoints import TIME_UNITS
from plugin_core.score.midi import read_midi
from plugin_core.score.score import Score
from plugin_core.score.tempo import TempoMap
from plugin_core.score.tracks import printable_name
from plugin_core.session.tables import Table, parse_toml, read_toml
from plugin_core.session.track import (
    Effect,
    Track,
    TrackSetting,
    read_effects,
    read_track,
    track_of,
)
from plugin_core.sounds.kinds import Model
from plugin_core.types import InputError

BitDepth = Literal["24", "32f"]
BIT_DEPTHS: Mapping[object, BitDepth] = {"24": "24", 24: "24", "32f": "32f"}
LOWEST_RATE, HIGHEST_RATE = 22050, 192000
LONGEST_S = 7200.0
"""No session is longer than two hours: its stems stand in memory while they are made."""

MOST_TRACKS = 1000
LARGEST_SEED = 65535
_SESSION_KEYS = (
    *("name", "midi", "sample_rate", "bit_depth", "length", "tail", "tempo", "seed"),
    *("normalize", "time_unit", "track", "master"),
)


@dataclass(frozen=True, slots=True)
class Session:
    """A session ready to render.

    `length_s` None lasts until the last sound, `tail_s` None gives that sound what it needs.
    `folder` is where the paths of sounds and effects start; `source` names the session in errors.
    Raises InputError for a rate, length or seed out of range.
    """

    name: str
    tracks: tuple[Track, ...]
    sample_rate: int = 48000
    bit_depth: BitDepth = "32f"
    length_s: float | None = None
    tail_s: float | None = None
    tempo: TempoMap = TempoMap()  # noqa: RUF009 - immutable
    master: tuple[Effect, ...] = ()
    seed: int = 0
    normalize: bool = False
    folder: Path = Path()
    source: str = "session"
    warnings: tuple[str, ...] = ()
    """What was odd in the MIDI files, one line each."""

    def __post_init__(self) -> None:
        for place, value, low, high in (
            ("sample_rate", self.sample_rate, LOWEST_RATE, HIGHEST_RATE),
            ("length", self.length_s, 0.0, LONGEST_S),
            ("tail", self.tail_s, 0.0, LONGEST_S),
            ("seed", self.seed, 0, LARGEST_SEED),
        ):
            if value is not None and not low <= value <= high:
                raise InputError(self.source, place, f"a value in {low:g}..{high:g}", value)
        if self.bit_depth not in BIT_DEPTHS.values():
            raise InputError(self.source, "bit_depth", '"24" or "32f"', repr(self.bit_depth))
        if not self.tracks:
            raise InputError(self.source, "", "at least one track with notes", "none")
        for track in self.tracks:
            end_s = max((note.offset_s for note in track.part.notes), default=0.0)
            if self.length_s is None and end_s > LONGEST_S:
                expected = f"notes within {LONGEST_S:g} s, or a length"
                raise InputError(self.source, f"track {track.name!r}", expected, f"{end_s:g} s")

    @property
    def audible(self) -> tuple[Track, ...]:
        """The tracks that sound: the solo ones if there are any, without the muted ones."""
        any_solo = any(track.solo for track in self.tracks)
        return tuple(t for t in self.tracks if not t.mute and (t.solo or not any_solo))

    @classmethod
    def load(cls, path: Path | str) -> "Session":
        """Return the session in a TOML file.

        Raises InputError for what is broken, unknown or out of range in the file or in the MIDI
        and CSV files it names.
        """
        path = Path(path)
        return _session(read_toml(path), folder=path.parent, name=path.stem)

    @classmethod
    def parse(cls, data: bytes, *, source: str, folder: Path) -> "Session":
        """Return the session in TOML bytes, its paths relative to `folder`."""
        return _session(parse_toml(data, source=source), folder=folder, name=Path(source).stem)

    @classmethod
    def from_midi(
        cls,
        path: Path | str,
        *,
        sounds: str | Mapping[int, str] | None = None,
        model: Model = "phrase",
        sample_rate: int = 48000,
        bit_depth: BitDepth = "32f",
        seed: int = 0,
        folder: Path = Path(),
    ) -> "Session":
        """Return a session with a track per part of a MIDI file.

        `sounds` is one sound for all, or sounds by the number of the part, counted from 1 in file
        order (by track, then channel); other parts get a sound by their program. `model` is that
        of instruments. The paths of sounds start at `folder`. Raises InputError.
        """
        path = Path(path)
        score = read_midi(path)
        if not isinstance(sounds, Mapping):
            sounds = dict.fromkeys(range(1, len(score.parts) + 1), sounds) if sounds else {}
        for number in sounds:
            if not 1 <= number <= len(score.parts):
                expected = f"a sound for a part in 1..{len(score.parts)}"
                raise InputError(path, "", expected, f"one for part {number}")
        return cls(
            name=path.stem,
            tracks=tuple(
                replace(track_of(entry, sound=sounds.get(number)), model=model)
                for number, entry in enumerate(score.parts, start=1)
            ),
            sample_rate=sample_rate,
            bit_depth=bit_depth,
            tempo=score.tempo,
            seed=seed,
            folder=folder,
            source=str(path),
            warnings=_warnings(score),
        )


def _session(table: Table, *, folder: Path, name: str) -> Session:
    table.check_keys(_SESSION_KEYS)
    unit = table.values.get("time_unit", "seconds")
    if unit not in TIME_UNITS:
        raise table.error("time_unit", '"seconds" or "beats"')
    bit_depth = table.values.get("bit_depth", "32f")
    if isinstance(bit_depth, bool | list | dict) or bit_depth not in BIT_DEPTHS:
        raise table.error("bit_depth", '"24" or "32f"')
    bpm = table.number("tempo", 1.0, 1000.0)
    scores: dict[str, Score] = {}

    def score(midi: str) -> Score:
        if midi not in scores:
            read = read_midi(folder / midi)
            scores[midi] = read.at_tempo(TempoMap.constant(bpm)) if bpm else read
        return scores[midi]

    midi = table.text("midi")
    setting = TrackSetting(folder, "beats" if unit == "beats" else "seconds", midi, score)
    track_tables = table.tables("track")
    if len(track_tables) > MOST_TRACKS:
        raise InputError(table.source, "", f"at most {MOST_TRACKS} tracks", len(track_tables))
    tracks = tuple(read_track(track, setting) for track in track_tables)
    if not tracks and midi is not None:
        tracks = tuple(track_of(entry) for entry in score(midi).parts)
    master = table.table("master")
    master.check_keys(("effects",))
    tempos = [read.tempo for read in scores.values()]
    return Session(
        name=printable_name(table.text("name", name) or "") or "session",
        tracks=tracks,
        sample_rate=table.integer("sample_rate", LOWEST_RATE, HIGHEST_RATE) or 48000,
        bit_depth=BIT_DEPTHS[bit_depth],
        length_s=table.number("length", 0.0, LONGEST_S),
        tail_s=table.number("tail", 0.0, LONGEST_S),
        tempo=tempos[0] if tempos else TempoMap(),
        master=read_effects(master),
        seed=table.integer("seed", 0, LARGEST_SEED) or 0,
        normalize=table.switch("normalize"),
        folder=folder,
        source=table.source,
        warnings=tuple(line for read in scores.values() for line in _warnings(read)),
    )


def _warnings(score: Score) -> tuple[str, ...]:
    return tuple(f"{score.source}: {warning}" for warning in score.warnings)
