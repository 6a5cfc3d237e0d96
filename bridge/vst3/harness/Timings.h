// What the plug-in costs: block times, starting, loading a model, restoring a state, memory.
#pragma once

#include "Report.h"

namespace hexachord
{

void measureStart (Report& report);
void measureBlocks (double seconds, Report& report);
void measureNeural (double seconds, Report& report);
void measureState (Report& report);
void measureMemory (Report& report);

}  // namespace hexachord
