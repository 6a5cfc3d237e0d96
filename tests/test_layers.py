from pathlib import Path

import pytest

from ci import layers

REPOSITORY = Path(__file__).resolve().parents[1]


def test_the_repository_keeps_its_rules():
    assert list(layers.violations(REPOSITORY)) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("plugin_core.types", "import plugin_core.audio.kernels"),
        ("plugin_core.types", "from plugin_core import engine"),
        ("plugin_core.audio.fm", "from plugin_core.analysis.loudness import loudness_db"),
        ("plugin_core.dx7.sysex", "from ..audio import fm"),
        ("plugin_core.score.midi", "import plugin_core.session"),
        ("plugin_core.engine.voice", "from plugin_core.score.lanes import read_lane"),
        ("plugin_core.engine.voice", "from plugin_core import training"),
        ("plugin_core.expression.generator", "import plugin_core.engine"),
        ("plugin_core.session", "import bridge.graph"),
        ("plugin_core.session", "def render():\n    from bridge import graph"),
        ("plugin_core.session", "import pedalboard"),
        ("plugin_core.engine.voice", "import torch"),
        ("plugin_core.audio.harmonic", "import torch"),
        ("bridge.graph", "import plugin_core.training.loops"),
        ("bridge.cli.render", "import torch.nn"),
    ],
)
def test_an_import_against_the_direction_is_found(module: str, source: str):
    assert len(list(layers.wrong_imports(source, module))) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("plugin_core.types", "import numpy"),
        ("plugin_core.audio.fm", "from plugin_core.types import Mono\nfrom . import sine"),
        ("plugin_core.engine.voice", "from plugin_core.audio import fm\nimport plugin_core.dx7"),
        ("plugin_core.synthesis.streaming", "import torch"),
        ("plugin_core.audio.differentiable.harmonic", "import torch"),
        ("plugin_core.session", "from plugin_core.score import midi\nimport plugin_core.engine"),
        ("plugin_core.training.loops", "import torch\nimport plugin_core.synthesis"),
        (
            "bridge.graph",
            "import dawdreamer\nfrom plugin_core import Session\nimport bridge.hosting",
        ),
        ("bridge.cli.render", "def main():\n    import torch"),
        ("tests.anything", "import plugin_core.training, bridge"),
    ],
)
def test_an_import_along_the_direction_is_not(module: str, source: str):
    assert list(layers.wrong_imports(source, module)) == []


def test_relative_imports_are_read_from_a_package_too():
    source = "from .types import Note\nfrom . import training"
    wrong = list(layers.wrong_imports(source, "plugin_core", is_package=True))
    assert wrong == ["2: front must not import training (plugin_core.training)"]


def test_long_files_and_vague_names_are_found(tmp_path: Path):
    (tmp_path / "bridge" / "helpers").mkdir(parents=True)
    (tmp_path / "bridge" / "helpers" / "path.py").write_text("")
    (tmp_path / "bridge" / "long.py").write_text("pass\n" * 301)
    assert [line.split(":")[0] for line in layers.violations(tmp_path)] == [
        "bridge/helpers/path.py",
        "bridge/long.py",
    ]
