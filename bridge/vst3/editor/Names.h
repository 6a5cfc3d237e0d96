// How instruments, models and keys are called where people read them.
#pragma once

#include <juce_core/juce_core.h>

namespace hexachord
{

// As the README counts: A4 is 440 Hz.
inline constexpr int octaveOfMiddleC = 4;

// "double_bass" is a Double bass.
juce::String instrumentTitle (const juce::String& name);

// The file of a user's model, or what is said of the bundled one.
juce::String modelTitle (const juce::String& path);

juce::String keyTitle (int key);

}  // namespace hexachord
