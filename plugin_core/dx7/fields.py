"""Every parameter of a DX7 voice as one table.

The parser, the writer, the engine, parameter lists, documents and tests read it. A field knows its
place in the 155-byte unpacked voice (VCED) and in the 128-byte packed voice (VMEM) of a bank, its
range, and how people see its value: operator frequencies and curves by name, the algorithm from 1,
detune and transpose around 0. Layout: Yamaha DX7 data format, as in the facts sheet of the
reference renders (sections 3.2 and 3.3).
"""

from dataclasses import dataclass

OPERATORS = 6
VCED_SIZE = 155
VMEM_SIZE = 128
NAME_OFFSET = 145
VMEM_NAME_OFFSET = 118
NAME_SIZE = 10

CURVES = ("-LIN", "-EXP", "+EXP", "+LIN")
LFO_WAVES = ("triangle", "saw down", "saw up", "square", "sine", "sample & hold")
OSCILLATOR_MODES = ("ratio", "fixed")
OFF_ON = ("off", "on")


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a voice.

    `offset` is its byte in the unpacked voice, None for the operator switches, which no dump
    carries. `packed` is (byte, shift, bits) in the packed voice. A person sees stored +
    `shown_from` in `low`..`high`, or `labels[stored]`.
    """

    id: str
    name: str
    group: str
    offset: int | None
    packed: tuple[int, int, int] | None
    maximum: int
    default: int
    shown_from: int = 0
    labels: tuple[str, ...] = ()
    continuous: bool = False
    """Whether values between the stored integers mean something to the engine."""

    @property
    def low(self) -> int:
        """The smallest value that a person sees."""
        return self.shown_from

    @property
    def high(self) -> int:
        """The largest value that a person sees."""
        return self.maximum + self.shown_from


_Row = tuple[str, str, str, int, int, int, int, int, int, tuple[str, ...], bool]
"""id, name, group, VMEM byte, shift, bits, maximum, default, shown_from, labels, continuous"""

# Without the group. Bytes are from the start of an operator.
_OPERATOR_ROWS: tuple[tuple[str, str, int, int, int, int, int, int, tuple[str, ...], bool], ...] = (
    ("eg_rate1", "EG rate 1", 0, 0, 7, 99, 99, 0, (), False),
    ("eg_rate2", "EG rate 2", 1, 0, 7, 99, 99, 0, (), False),
    ("eg_rate3", "EG rate 3", 2, 0, 7, 99, 99, 0, (), False),
    ("eg_rate4", "EG rate 4", 3, 0, 7, 99, 99, 0, (), False),
    ("eg_level1", "EG level 1", 4, 0, 7, 99, 99, 0, (), False),
    ("eg_level2", "EG level 2", 5, 0, 7, 99, 99, 0, (), False),
    ("eg_level3", "EG level 3", 6, 0, 7, 99, 99, 0, (), False),
    ("eg_level4", "EG level 4", 7, 0, 7, 99, 0, 0, (), False),
    ("break_point", "Break point", 8, 0, 7, 99, 39, 0, (), False),
    ("left_depth", "Left depth", 9, 0, 7, 99, 0, 0, (), False),
    ("right_depth", "Right depth", 10, 0, 7, 99, 0, 0, (), False),
    ("left_curve", "Left curve", 11, 0, 2, 3, 0, 0, CURVES, False),
    ("right_curve", "Right curve", 11, 2, 2, 3, 0, 0, CURVES, False),
    ("rate_scaling", "Rate scaling", 12, 0, 3, 7, 0, 0, (), False),
    ("amp_mod_sensitivity", "Amplitude modulation sensitivity", 13, 0, 2, 3, 0, 0, (), False),
    ("velocity_sensitivity", "Velocity sensitivity", 13, 2, 3, 7, 0, 0, (), False),
    ("level", "Output level", 14, 0, 7, 99, 99, 0, (), True),
    ("mode", "Oscillator mode", 15, 0, 1, 1, 0, 0, OSCILLATOR_MODES, False),
    ("coarse", "Frequency coarse", 15, 1, 5, 31, 1, 0, (), False),
    ("fine", "Frequency fine", 16, 0, 7, 99, 0, 0, (), True),
    ("detune", "Detune", 12, 3, 4, 14, 7, -7, (), True),
)

_VOICE_ROWS: tuple[_Row, ...] = (
    ("pitch_eg_rate1", "Pitch EG rate 1", "Pitch EG", 102, 0, 7, 99, 99, 0, (), False),
    ("pitch_eg_rate2", "Pitch EG rate 2", "Pitch EG", 103, 0, 7, 99, 99, 0, (), False),
    ("pitch_eg_rate3", "Pitch EG rate 3", "Pitch EG", 104, 0, 7, 99, 99, 0, (), False),
    ("pitch_eg_rate4", "Pitch EG rate 4", "Pitch EG", 105, 0, 7, 99, 99, 0, (), False),
    ("pitch_eg_level1", "Pitch EG level 1", "Pitch EG", 106, 0, 7, 99, 50, 0, (), False),
    ("pitch_eg_level2", "Pitch EG level 2", "Pitch EG", 107, 0, 7, 99, 50, 0, (), False),
    ("pitch_eg_level3", "Pitch EG level 3", "Pitch EG", 108, 0, 7, 99, 50, 0, (), False),
    ("pitch_eg_level4", "Pitch EG level 4", "Pitch EG", 109, 0, 7, 99, 50, 0, (), False),
    ("algorithm", "Algorithm", "Voice", 110, 0, 5, 31, 0, 1, (), False),
    ("feedback", "Feedback", "Voice", 111, 0, 3, 7, 0, 0, (), True),
    ("oscillator_sync", "Oscillator key sync", "Voice", 111, 3, 1, 1, 1, 0, OFF_ON, False),
    ("lfo_speed", "LFO speed", "LFO", 112, 0, 7, 99, 35, 0, (), True),
    ("lfo_delay", "LFO delay", "LFO", 113, 0, 7, 99, 0, 0, (), False),
    ("lfo_pitch_depth", "LFO pitch modulation depth", "LFO", 114, 0, 7, 99, 0, 0, (), True),
    ("lfo_amp_depth", "LFO amplitude modulation depth", "LFO", 115, 0, 7, 99, 0, 0, (), True),
    ("lfo_sync", "LFO key sync", "LFO", 116, 0, 1, 1, 1, 0, OFF_ON, False),
    ("lfo_wave", "LFO wave", "LFO", 116, 1, 3, 5, 0, 0, LFO_WAVES, False),
    ("pitch_mod_sensitivity", "Pitch modulation sensitivity", "LFO", 116, 4, 3, 7, 3, 0, (), False),
    ("transpose", "Transpose", "Voice", 117, 0, 7, 48, 24, -24, (), False),
)


def _operator_rows(operator: int) -> list[_Row]:
    """Return the rows of one operator; operator 6 is stored first."""
    first_byte = 17 * (OPERATORS - operator)
    return [
        (
            f"op{operator}_{row_id}",
            f"OP{operator} {name}",
            f"Operator {operator}",
            first_byte + byte,
            shift,
            bits,
            maximum,
            # The initial voice of the instrument sounds operator 1 alone.
            0 if row_id == "level" and operator > 1 else default,
            shown_from,
            labels,
            continuous,
        )
        for row_id, name, byte, shift, bits, maximum, default, shown_from, labels, continuous in (
            _OPERATOR_ROWS
        )
    ]


def _stored_fields() -> list[Field]:
    """Return the fields of a dump; the unpacked voice has them one after another."""
    operators = [row for op in range(OPERATORS, 0, -1) for row in _operator_rows(op)]
    return [
        Field(row[0], row[1], row[2], offset, row[3:6], *row[6:])
        for offset, row in enumerate((*operators, *_VOICE_ROWS))
    ]


def _switch_fields() -> list[Field]:
    return [
        Field(
            id=f"op{operator}_on",
            name=f"OP{operator} on",
            group=f"Operator {operator}",
            offset=None,
            packed=None,
            maximum=1,
            default=1,
            labels=OFF_ON,
        )
        for operator in range(1, OPERATORS + 1)
    ]


STORED_FIELDS: tuple[Field, ...] = tuple(_stored_fields())
"""The 145 fields of a dump in VCED order: `STORED_FIELDS[i].offset == i`."""

FIELDS: tuple[Field, ...] = STORED_FIELDS + tuple(_switch_fields())
"""All fields: the 145 of a dump, then the switches of operators 1 to 6."""

FIELD_INDEX: dict[str, int] = {field.id: index for index, field in enumerate(FIELDS)}
"""Field id -> index in `FIELDS`, which is also its place in an engine patch."""
