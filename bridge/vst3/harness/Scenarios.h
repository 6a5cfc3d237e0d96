// What a host may throw at the plug-in, as a table: no scenario may make the audio thread allocate,
// lock, call the system, or put out anything but finite sound.
#pragma once

#include "Report.h"

namespace hexachord
{

// Each scenario sounds for `seconds`.
void runScenarios (double seconds, Report& report);

// The same while the message thread loads banks, reads and restores states, and turns every knob.
void runBesideMessageThread (double seconds, Report& report);

}  // namespace hexachord
