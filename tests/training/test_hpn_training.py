"""Training of the baseline: a run goes on from its checkpoint, measured levels and audio alike."""

import pytest
import torch

from plugin_core.training.ddx7_data import Material
from plugin_core.training.hpn_training import HpnRun, HpnSettings, train_hpn
from plugin_core.types import InputError
from tests.training.test_ddx7_training import take

BRIEF = HpnSettings(steps=4, measured_steps=2, warm_up=1, batch=2, frames=80)


class StoppedError(Exception):
    """Somebody has pressed Ctrl-C."""


@pytest.fixture(scope="module")
def material():
    return Material((take(),), ())


def test_a_run_goes_on_from_its_checkpoint_as_if_never_interrupted(material, tmp_path, monkeypatch):
    whole = train_hpn(material, BRIEF, tmp_path / "whole").state_dict()

    def interrupt(progress):
        if progress.step == 3:
            raise StoppedError

    monkeypatch.setattr("plugin_core.training.hpn_training._CHECKPOINT_S", 0.0)
    with pytest.raises(StoppedError):
        train_hpn(material, BRIEF, tmp_path / "cut", progress=interrupt)
    again = train_hpn(material, BRIEF, tmp_path / "cut").state_dict()
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_a_checkpoint_of_other_settings_is_told(material, tmp_path):
    train_hpn(material, HpnSettings(steps=1, batch=1, frames=60), tmp_path)
    with pytest.raises(InputError, match="a checkpoint of"):
        train_hpn(material, HpnSettings(steps=2, batch=1, frames=60), tmp_path)


def test_notes_and_silence_are_learnt(material):
    settings = HpnSettings(steps=20, measured_steps=20, warm_up=2, batch=2, frames=120)
    run = HpnRun(material, settings)
    losses = [run.advance() for _ in range(settings.steps)]
    assert sum(losses[-3:]) < 0.7 * sum(losses[:3])
