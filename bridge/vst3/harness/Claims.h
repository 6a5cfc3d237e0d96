// What the plug-in promises of notes, blocks, sounds and states, held at processBlock itself.
#pragma once

#include "Report.h"

namespace hexachord
{

void checkCounting (Report& report);
void checkNotes (Report& report);
void checkBlocks (Report& report);
void checkSounds (Report& report);
void checkStates (Report& report);

}  // namespace hexachord
