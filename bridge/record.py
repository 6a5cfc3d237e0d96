"""What a render leaves beside its audio: `render.json` for machines, the report for eyes.

The record holds no time of rendering: the same session renders to the same bytes.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.lane_pictures import constants, lane_pictures
from bridge.report import Report, TrackPicture, draw_report
from bridge.spectrogram import HIGHEST_HZ, LOWEST_HZ
from bridge.stems import AudioFile
from bridge.versions import hexachord_version, sounding_versions

if TYPE_CHECKING:
    from bridge.graph import Rendered
    from bridge.plan import Player
    from plugin_core.session import Effect, Track

_BIT_DEPTHS = {"24": "24 bit", "32f": "32-bit float"}


def record(rendered: "Rendered") -> str:
    """Return the text of `render.json`."""
    session, plan = rendered.plan.session, rendered.plan
    players = list(zip(plan.players, rendered.stems, strict=True))
    by_number = {
        number: [(player, stem) for player, stem in players if player.number == number]
        for number in range(1, len(session.tracks) + 1)
    }
    content = {
        "versions": sounding_versions(models=any(map(_needs_torch, plan.players))),
        "through": rendered.through,
        "session": {
            "name": session.name,
            "source": Path(session.source).name,
            "sample_rate": session.sample_rate,
            "bit_depth": session.bit_depth,
            "samples": rendered.samples,
            "length_s": round(rendered.samples / session.sample_rate, 6),
            "seed": session.seed,
            "normalize_gain_db": round(rendered.gain_db, 2) if session.normalize else None,
        },
        "tracks": [
            entry
            for number, track in enumerate(session.tracks, start=1)
            for entry in _track(number, track, by_number[number])
        ],
        "mix": {"effects": _effects(session.master), **_audio(rendered.mix)},
        "warnings": list(plan.warnings),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _track(
    number: int, track: "Track", players: "Sequence[tuple[Player, AudioFile]]"
) -> list[dict[str, Any]]:
    """Return the records of a track, one for each player; one that does not sound has no file."""
    if players:
        return [_player(player, stem) for player, stem in players]
    silent = {"track": number, "name": track.name, "notes": len(track.part.notes)}
    return [{**silent, "sounds": False, "file": None}]


def _player(player: "Player", stem: AudioFile) -> dict[str, Any]:
    track = player.track
    return {
        "track": player.number,
        "name": player.name,
        "notes": len(player.part.notes),
        "sounds": True,
        "sound": player.sound.reference,
        "sound_name": player.sound.name,
        **_models(player),
        "seed": player.seed,
        "lanes": sorted(track.lanes),
        "effects": _effects(track.effects),
        **_audio(stem),
    }


def _models(player: "Player") -> dict[str, Any]:
    """Return which models played, by what is in their files; nothing for an FM voice."""
    from plugin_core.sounds import Ddx7Sound, LiveSound, PhraseSound

    files: tuple[Path, ...]
    if isinstance(player.sound, PhraseSound):
        model, files = "phrase", (player.sound.expression, player.sound.synthesis)
    elif isinstance(player.sound, LiveSound):
        model = "ddx7" if isinstance(player.sound, Ddx7Sound) else "live"
        files = (player.sound.model,)
    else:
        return {}
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return {"model": model, "model_sha256": digests}


def _needs_torch(player: "Player") -> bool:
    return _models(player).get("model") == "phrase"


def _effects(effects: "tuple[Effect, ...]") -> list[dict[str, Any]]:
    return [{"name": effect.name, **effect.parameters} for effect in effects]


def _audio(audio: AudioFile) -> dict[str, Any]:
    return {
        "file": audio.file,
        "peak_dbfs": audio.peak_dbfs,
        "loudness_lufs": audio.loudness_lufs,
        "sha256": audio.sha256,
    }


def draw(rendered: "Rendered", path: Path) -> None:
    """Draw the report of a render as a PNG at `path`."""
    from plugin_core.score.pedals import sounding_notes

    session, plan = rendered.plan.session, rendered.plan
    duration_s = rendered.samples / session.sample_rate
    subtitle = [
        f"{int(duration_s) // 60}:{duration_s % 60:04.1f}",
        f"{session.sample_rate / 1000:g} kHz, {_BIT_DEPTHS[session.bit_depth]}",
        f"mix {levels(rendered.mix)}",
        f"Hexachord {hexachord_version()}",
    ]
    tracks = []
    for player, stem in zip(plan.players, rendered.stems, strict=True):
        notes = player.part.notes
        details = [player.sound.name, f"{len(notes)} notes", levels(stem)]
        tracks.append(
            TrackPicture(
                name=player.name,
                details=" · ".join(details),
                settings=" · ".join(constants(player.track)),
                notes=sounding_notes(player.part),
                spectrogram=stem.spectrogram,
                lanes=lane_pictures(player.track),
            )
        )
    draw_report(
        Report(
            title=session.name,
            subtitle=" · ".join(subtitle),
            duration_s=duration_s,
            low_hz=LOWEST_HZ,
            high_hz=HIGHEST_HZ,
            tracks=tracks,
        ),
        path,
    )


def levels(audio: AudioFile) -> str:
    """Return peak and loudness as people read them."""
    if audio.peak_dbfs is None:
        return "silent"
    levels = f"peak {audio.peak_dbfs:.1f} dBFS"
    if audio.loudness_lufs is not None:
        levels += f", {audio.loudness_lufs:.1f} LUFS"
    return levels
