"""Every parameter of the engine as one table: the six controls, playing, controllers, DX7 fields.

The engine, the plug-in, lanes, documents and tests read it. Values are those that people see (an
algorithm from 1, detune around 0, a choice by the index of its label). A parameter's index is its
place in this table and in the engine's parameter array; it never changes: append only.
"""

from dataclasses import dataclass

from plugin_core.dx7.fields import FIELDS, OFF_ON


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: a number in `low`..`high`, in steps of `step` (0 if continuous).

    `smoothed` values glide in the engine, the others jump. `labels` name the values
    low, low + 1, ... of a choice.
    """

    id: str
    name: str
    unit: str
    group: str
    low: float
    high: float
    default: float
    step: float = 0.0
    smoothed: bool = False
    labels: tuple[str, ...] = ()

    def text(self, value: float) -> str:
        """Return the value as people read it, with its unit."""
        if self.labels:
            return self.labels[round(value - self.low)]
        number = f"{value:.0f}" if self.step >= 1 else f"{value:.3g}"
        return f"{number} {self.unit}".rstrip()

    def value(self, text: str) -> float:
        """Return the value that a text means.

        Raises ValueError for a text that names no value in the parameter's range.
        """
        wanted = text.strip()
        for index, label in enumerate(self.labels):
            if label.lower() == wanted.lower():
                return self.low + index
        try:
            value = float(wanted.removesuffix(self.unit).strip() if self.unit else wanted)
        except ValueError:
            choices = ", ".join(self.labels) or f"a number {self.low:g}..{self.high:g}"
            raise ValueError(f"{self.id} is {choices}, found {text!r}") from None
        if not self.low <= value <= self.high:
            raise ValueError(f"{self.id} is {self.low:g}..{self.high:g}, found {text!r}")
        return value


NOTE_VALUES = ("off", "1/16", "1/8", "1/4", "1/2", "1/1")
"""What a note length may follow of the host's tempo."""

VOICE_MODES = ("poly", "mono", "legato")

MODULATORS = ("wheel", "foot", "breath", "aftertouch")
"""The controllers that a DX7 lets assign, each with a range and three destinations."""


def _control(control_id: str, name: str, default: float) -> Parameter:
    return Parameter(control_id, name, "", "Expression", 0.0, 1.0, default, smoothed=True)


def _switch(switch_id: str, name: str, group: str) -> Parameter:
    return Parameter(switch_id, name, "", group, 0, 1, 0, 1, labels=OFF_ON)


def _modulator(modulator: str) -> list[Parameter]:
    name = modulator.capitalize()
    return [
        Parameter(f"{modulator}_range", f"{name} range", "", "Controllers", 0, 99, 0, 1),
        _switch(f"{modulator}_pitch", f"{name} to pitch", "Controllers"),
        _switch(f"{modulator}_amp", f"{name} to amplitude", "Controllers"),
        _switch(f"{modulator}_eg_bias", f"{name} to EG bias", "Controllers"),
    ]


_PLAYING = [
    _control("volume", "Volume", 0.5),
    _control("volume_fluctuation", "Volume fluctuation", 0.0),
    _control("volume_peak_position", "Volume peak position", 0.5),
    _control("vibrato", "Vibrato", 0.0),
    _control("brightness", "Brightness", 0.5),
    _control("attack_noise", "Attack noise", 0.0),
    Parameter("performer", "Performer", "", "Expression", 0.0, 1.0, 1.0, smoothed=True),
    Parameter("note_length", "Note length", "s", "Expression", 0.05, 30.0, 1.0),
    Parameter(
        "note_length_sync", "Note length sync", "", "Expression", 0, 5, 0, 1, labels=NOTE_VALUES
    ),
    Parameter("style", "Style", "", "Expression", 0, 127, 64, smoothed=True),
    Parameter("seed", "Seed", "", "Playing", 0, 65535, 0, 1),
    Parameter("output_gain", "Output gain", "dB", "Playing", -60, 12, 0, smoothed=True),
    Parameter("polyphony", "Polyphony", "voices", "Playing", 1, 32, 32, 1),
    Parameter("voice_mode", "Voice mode", "", "Playing", 0, 2, 0, 1, labels=VOICE_MODES),
    _switch("portamento", "Portamento", "Playing"),
    Parameter("portamento_time", "Portamento time", "", "Playing", 0, 127, 0, 1),
    _switch("glissando", "Glissando", "Playing"),
    Parameter("pitch_bend_range", "Pitch bend range", "semitones", "Playing", 0, 48, 2, 1),
    _switch("mpe", "MPE", "Playing"),
    Parameter("master_tune", "Master tune", "cents", "Playing", -100, 100, 0),
    *(parameter for modulator in MODULATORS for parameter in _modulator(modulator)),
]

VOICE_BASE = len(_PLAYING)
"""Index of the first DX7 field: field i of `dx7.fields.FIELDS` is parameter VOICE_BASE + i."""

PARAMETERS: tuple[Parameter, ...] = (
    *_PLAYING,
    *(
        Parameter(
            field.id,
            field.name,
            "",
            field.group,
            field.low,
            field.high,
            field.default + field.shown_from,
            0.0 if field.continuous else 1.0,
            smoothed=field.continuous,
            labels=field.labels,
        )
        for field in FIELDS
    ),
)

PARAMETER_INDEX: dict[str, int] = {
    parameter.id: index for index, parameter in enumerate(PARAMETERS)
}
"""Parameter id -> index in `PARAMETERS` and in the engine's parameter array."""

CONTROLLER_PARAMETERS: dict[int, str] = {
    1: "vibrato",
    5: "portamento_time",
    11: "volume",
    20: "volume_fluctuation",
    21: "volume_peak_position",
    55: "style",
    65: "portamento",
    73: "attack_noise",
    74: "brightness",
}
"""Controller number -> the parameter that it sets."""
