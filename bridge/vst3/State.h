// The plug-in's state as bytes: versioned XML with the bank, the voice with its edits, the neural
// instrument that plays in its place, all parameters, learned controllers and the editor's size.
#pragma once

#include "Instrument.h"

namespace hexachord
{

struct EditorSize
{
    int width = 0, height = 0;
};

// The same state gives the same bytes.
void writeState (const Instrument& instrument,
                 const std::vector<Parameter*>& parameters,
                 EditorSize editor,
                 juce::MemoryBlock& out);

// Takes up a state: what is missing stays at its default, what is unknown is ignored. Where its
// neural instrument cannot be had the sound that played stays, and Instrument::stateProblem tells.
// Returns false and changes nothing if the bytes are no state of ours.
bool readState (const void* data,
                int size,
                Instrument& instrument,
                const std::vector<Parameter*>& parameters,
                EditorSize& editor);

}  // namespace hexachord
