// What the screenshot program does to the editor as a user would, and what it prints about it.
#pragma once

#include "Editor.h"

namespace hexachord
{

inline constexpr int screenshotBlock = 480;

// The sound's state without the window's size: what a failed drop must not change.
juce::String stateHash (Processor& processor);

// Does what --drop, --choose, --drag, --reset and --undo ask for, in this order, and prints state,
// sound and bank before and after it, and what a host heard of it.
void act (Editor& editor, Processor& processor, const juce::ArgumentList& options);

// Prints the state, and what the instrument's page tells about it, if it shows.
void tell (Editor& editor, Processor& processor);

// The keys of --play, else a chord.
juce::Array<int> keysOf (const juce::ArgumentList& options);

// Plays some blocks; the keys go down with the first.
void play (Processor& processor, int blocks, const juce::Array<int>& keys);

}  // namespace hexachord
