"""The plug-in without a host: what its audio thread does, and what it promises at processBlock."""

import pytest

from bridge.harness import HARNESS, run_harness
from plugin_core.engine.live_layout import LIVE_INSTRUMENTS
from tests.hosts.live_instruments import DDX7_NAMES

SCENARIOS = (
    "dense notes",
    "dense notes, a meter watching",
    "controllers",
    "every parameter each block",
    "parameters and tempo not finite",
    "1,000 notes a second",
    "5,000 events a block",
    "sysex flood",
    "program changes",
    "MPE",
    "blocks of 0 to 8192 samples",
    "bypass on and off",
    "quieter than denormals",
    "beside the message thread",
)
NEURAL_SCENARIOS = (
    "dense notes",
    "dense notes, legato, a meter watching",
    "controllers",
    "every parameter each block",
    "parameters and tempo not finite",
    "1,000 notes a second",
    "1,000 notes a second, legato",
    "5,000 events a block",
    "program changes",
    "MPE",
    "any bytes as MIDI",
    "blocks of 0 to 8192 samples",
    "bypass on and off",
    "quieter than denormals",
)


@pytest.mark.skipif(not HARNESS.is_file(), reason="ci/build makes the harness")
def test_the_audio_thread_never_allocates_locks_or_calls_the_system_and_every_claim_holds() -> None:
    findings = run_harness(["--quick"])
    assert not findings.broken
    assert findings.exit_status == 0
    texts = {claim.text for claim in findings.claims}
    neural = [f"{kind}: {each}" for kind in ("neural", "ddx7") for each in NEURAL_SCENARIOS]
    for scenario in (*SCENARIOS, *neural):
        assert {f"{scenario}: no heap call", f"{scenario}: no lock"} <= texts
    for name in (*LIVE_INSTRUMENTS, *DDX7_NAMES):
        assert {f"{name} sounds within 4 ms of its note", f"{name} is finite"} <= texts
