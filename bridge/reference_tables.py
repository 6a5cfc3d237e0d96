"""The tables of controls, MIDI controllers and parameters in README.md, from the parameter table.

`python -m bridge.reference_tables` rewrites what stands between the two marks in README.md.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from plugin_core.dx7.fields import FIELD_INDEX, OPERATORS
from plugin_core.engine.ddx7_file import read_ddx7_model
from plugin_core.engine.ddx7_layout import Playing
from plugin_core.engine.parameters import (
    CONTROLLER_PARAMETERS,
    MODULATORS,
    PARAMETER_INDEX,
    PARAMETERS,
    Parameter,
)
from plugin_core.performing.lines import key_name
from plugin_core.performing.live import DDX7_FIELDS
from plugin_core.performing.ranges import LIVE_RANGES
from plugin_core.score.general_midi import PROGRAM_NAMES
from plugin_core.sounds import presets_folder
from plugin_core.synthesis.archive_members import read_description
from plugin_core.synthesis.instruments import (
    DDX7_INSTRUMENTS,
    INSTRUMENTS,
    LIVE_ONLY,
    LIVE_PROGRAMS,
)
from plugin_core.types import CONTROLS

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN = "<!-- Made by `python -m bridge.reference_tables`: edit the tables there. -->"
END = "<!-- End of the made tables. -->"

_ON_FM = {
    "volume": "carrier level: down to -24 dB, below 0.02 to silence; +12 dB at 1",
    "volume_fluctuation": "how far the level rises and falls within the note: standard deviation "
    "24 dB at 1, at most 12 dB",
    "volume_peak_position": "where in the note that rise peaks: 0 the onset, 1 the end",
    "vibrato": "pitch modulation up to 50 cents either way, at the voice's own LFO rate or 5.5 Hz, "
    "fading in over 0.2 s",
    "brightness": "modulator levels: -24 dB at 0, +12 dB at 1; on algorithm 32, which has none, "
    "the high carriers against the low ones",
    "attack_noise": "noise at the onset, gone after 40 ms, up to 12 dB below the note",
}

_ON_INSTRUMENT = {
    "volume": "mean level of the note, 60 dB from 0 to 1",
    "volume_fluctuation": "how far the level moves within the note: standard deviation 24 dB at 1",
    "volume_peak_position": "where in the note the level is highest: 0 the onset, 1 the end",
    "vibrato": "depth of the player's vibrato: 27 cents either way at 1",
    "brightness": "centroid of the harmonics: the 12th at 1",
    "attack_noise": "noise level of the first 40 ms, 40 dB from 0 to 1",
}

_ON_DDX7 = {
    "volume": "level of the note, 60 dB from 0 to 1",
    "volume_fluctuation": "as on an FM voice",
    "volume_peak_position": "as on an FM voice",
    "vibrato": "depth of the vibrato: 27 cents either way at 1",
    "brightness": "modulator levels: -24 dB at 0, +12 dB at 1",
    "attack_noise": "level of the noise, 40 dB from 0 to 1",
}

_OTHER_MESSAGES = {
    "CC2 / CC4": "breath and foot controller, by `breath_...` and `foot_...`",
    "CC7": "channel gain: 100 is 0 dB",
    "CC10": "pan, where a session gives none",
    "CC64 / CC66": "sustain and sostenuto pedal",
    "CC98 to CC101, CC6": "registered parameters 0 (pitch bend range) and 6 (MPE configuration)",
    "CC120 / CC121 / CC123 to CC127": "all sound off, reset controllers, all notes off",
    "pitch bend": "by `pitch_bend_range`; with MPE per note",
    "channel pressure": "by `aftertouch_...`; with MPE the volume of the note",
    "key pressure": "by `aftertouch_...`, of one key",
}
_BESIDE = {
    1: "; the wheel of the DX7 once `wheel_range` is over 0",
    74: "; with MPE the brightness of the note",
}

_REMARKS = {
    "performer": "how much an instrument's performer phrases around the controls; a DX7 voice, or "
    "a DDX7 instrument, has none",
    "note_length": "how long a live note is taken to last, for what moves within it",
    "note_length_sync": "the same by the host's tempo",
    "style": "how a live instrument joins its notes, from short to slurred; nothing on a DX7 "
    "voice, or on a DDX7 instrument",
    "seed": "of the attack noise, and of all that a live instrument leaves to chance",
    "voice_mode": "a live instrument begins with legato",
    "polyphony": "a live instrument sounds up to 8",
}

_REPEATED = (
    (re.compile(r"^op\d"), "opN"),
    (re.compile(r"(?<=_rate)\d$|(?<=_level)\d$"), "M"),
    (re.compile(rf"^({'|'.join(MODULATORS)})(?=_)"), "CONTROLLER"),
)
"""What repeats by a number or a controller, and the letter for it."""


def tables() -> str:
    """Return the tables as Markdown, each under a heading of the third level."""
    return "\n\n".join(
        (
            "### The six controls",
            _table(
                (
                    *("control", "as the patch is", "what it does on an FM voice"),
                    *("on an instrument", "on a DDX7 instrument"),
                ),
                _control_rows(),
            ),
            "### The instruments",
            _table(
                ("sound", "plays", "recorded", "`style` 0 to 127, live", "General MIDI programs"),
                _instrument_rows(),
            ),
            "Programs are counted from 1. A `guitar` plays live alone; a dash says that style does "
            "nothing, for want of recordings.",
            "### The DDX7 instruments",
            _table(
                ("sound", "DX7 voice", "algorithm", "ratios of operators 1 to 6", "learnt"),
                _ddx7_rows(),
            ),
            f"Of a DX7 voice they have {_ddx7_fields()}. Lower notes than those learnt, and higher "
            "ones, are played with the levels of the nearest.",
            "### MIDI",
            _table(("message", "what it does"), _message_rows()),
            "### The other parameters",
            f"N is an operator, 1 to {OPERATORS}; M a stage of an envelope, 1 to 4; CONTROLLER is "
            f"one of {', '.join(MODULATORS)}.",
            _table(("id", "range", "default", "what it is"), _parameter_rows()),
        )
    )


def with_tables(readme: str) -> str:
    """Return the text of README.md with the tables as they should be.

    Raises ValueError if it has no marks.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md: expected the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines: list[tuple[str, ...]] = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _control_rows() -> list[tuple[str, ...]]:
    return [
        (
            f"`{control}`",
            f"{PARAMETERS[PARAMETER_INDEX[control]].default:g}",
            _ON_FM[control],
            _ON_INSTRUMENT[control],
            _ON_DDX7[control],
        )
        for control in CONTROLS
    ]


def _instrument_rows() -> list[tuple[str, ...]]:
    """Return a row per instrument; programs are counted from 1, as sequencers show them."""
    rows = []
    styles = read_description(presets_folder() / "instruments" / "live.ts")["styles"]
    for instrument in (*INSTRUMENTS, *LIVE_ONLY):
        reach = LIVE_RANGES[instrument]
        programs = [program for program, plays in LIVE_PROGRAMS.items() if plays == instrument]
        style = styles[instrument]
        named = (f"{program + 1} {PROGRAM_NAMES[program]}" for program in programs)
        keys = [
            f"{key_name(a)} to {key_name(b)}"
            for a, b in ((reach.lowest, reach.highest), reach.corpus)
        ]
        ends = f"{style['low']} to {style['high']}" if style else "-"
        rows.append((f"`{instrument}`", *keys, ends, ", ".join(named)))
    return rows


def _ddx7_rows() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name in DDX7_INSTRUMENTS:
        model = read_ddx7_model(presets_folder() / "instruments" / f"{name}.ts")
        lowest, highest = (
            key_name(round(model.playing(column)))
            for column in (Playing.LOWEST_PITCH, Playing.HIGHEST_PITCH)
        )
        rows.append(
            (
                *(f"`{name}`", str(model.description.get("voice", "-"))),
                f"{model.playing(Playing.ALGORITHM):g}",
                " ".join(f"{ratio:g}" for ratio in model.ratios),
                f"{lowest} to {highest}",
            )
        )
    return rows


def _ddx7_fields() -> str:
    """Return the parameters of a DX7 voice that a DDX7 instrument has, one of each family."""
    ids = [parameter.id for parameter in PARAMETERS if parameter.id in DDX7_FIELDS]
    shown = dict.fromkeys(re.sub(r"^op\d", "opN", each) for each in ids)
    *before, last = (f"`{each}`" for each in shown)
    return f"{', '.join(before)} and {last}"


def _message_rows() -> list[tuple[str, ...]]:
    sets = [
        (f"CC{number}", f"`{parameter_id}`{_BESIDE.get(number, '')}")
        for number, parameter_id in CONTROLLER_PARAMETERS.items()
    ]
    return [*sets, *_OTHER_MESSAGES.items()]


def _parameter_rows() -> list[tuple[str, ...]]:
    """Return a row per parameter beside the controls, one for all that differ by a number alone."""
    firsts: dict[str, Parameter] = {}
    for parameter in PARAMETERS:
        if parameter.id not in CONTROLS:
            firsts.setdefault(family(parameter.id), parameter)
    return [
        (f"`{shown_id}`", _range(first), _default(first), _name(first))
        for shown_id, first in firsts.items()
    ]


def family(parameter_id: str) -> str:
    """Return the id with N for an operator, M for a stage, CONTROLLER for one that is assigned."""
    for pattern, letter in _REPEATED:
        parameter_id = pattern.sub(letter, parameter_id)
    return parameter_id


def _name(parameter: Parameter) -> str:
    """Return the name of the whole family."""
    name = parameter.name
    if parameter.group.startswith("Operator"):
        name = f"Operator: {name.partition(' ')[2]}"
    elif parameter.group == "Controllers":
        name = f"Controller: {name.partition(' ')[2]}"
    if "M" in family(parameter.id):
        name = name.rstrip("1234 ")
    remark = _REMARKS.get(parameter.id)
    return f"{name}: {remark}" if remark else name


def _range(parameter: Parameter) -> str:
    if parameter.labels:
        return ", ".join(parameter.labels)
    return f"{parameter.low:g} to {parameter.high:g} {parameter.unit}".rstrip()


def _default(parameter: Parameter) -> str:
    if parameter.id in FIELD_INDEX:
        return "the voice's"
    return (
        parameter.labels[round(parameter.default)] if parameter.labels else f"{parameter.default:g}"
    )


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
