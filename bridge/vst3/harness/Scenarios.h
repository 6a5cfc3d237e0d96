// What a host may throw at the plug-in, as a table: no scenario may make the audio thread allocate,
// lock, call the system, or put out anything but finite sound.
#pragma once

#include "Report.h"
#include "Rig.h"

namespace hexachord
{

// Claims what holds of everything that a rig has rendered.
void judge (const Rig& rig, const std::string& name, Report& report);

// Each scenario sounds for `seconds`.
void runScenarios (double seconds, Report& report);

// The same while the message thread loads banks, reads and restores states, and turns every knob.
void runBesideMessageThread (double seconds, Report& report);

}  // namespace hexachord
