// What the plug-in promises of notes, blocks, sounds, states and neural instruments, held at
// processBlock itself.
#pragma once

#include "Report.h"

namespace hexachord
{

void checkCounting (Report& report);
void checkNotes (Report& report);
void checkBlocks (Report& report);
void checkSounds (Report& report);
void checkStates (Report& report);
void checkNeural (Report& report);
void checkNeuralStates (Report& report);
void checkDdx7 (Report& report);

}  // namespace hexachord
