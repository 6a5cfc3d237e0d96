"""Where the engine comes from: the library that fits the sources, or the kernels."""

from pathlib import Path

import pytest

from plugin_core.engine import library
from plugin_core.types import InputError


def test_a_library_that_was_asked_for_and_is_none_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (tmp_path / "no-such.so", tmp_path / "text.so"):
        (tmp_path / "text.so").write_text("no library")
        monkeypatch.setenv("HEXACHORD_ENGINE", str(path))
        with pytest.raises(InputError, match="HEXACHORD_ENGINE"):
            library.library_path()


def test_the_kernels_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXACHORD_ENGINE", "jit")
    assert library.library_path() is None


def test_kernels_are_kept_where_one_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plugin_core.audio import jit

    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("HEXACHORD_CACHE", str(blocked / "below"))
    assert not jit.cache_folder().is_relative_to(blocked)
