// What the plug-in costs: block times, starting, restoring a state, memory.
#pragma once

#include "Report.h"

namespace hexachord
{

void measureStart (Report& report);
void measureBlocks (double seconds, Report& report);
void measureState (Report& report);
void measureMemory (Report& report);

}  // namespace hexachord
