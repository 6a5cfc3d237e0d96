// What comes to the plug-in with a block: MIDI and parameters, sensible and not.
#pragma once

#include "Rig.h"

namespace hexachord
{

constexpr double usualRate = 48000.0;
constexpr int usualBlock = 64;

// Each fills rig.midi for the block to come and returns its length in samples.
int dense (Rig& rig, juce::Random& random, int block);
int controllers (Rig& rig, juce::Random& random, int block);
int noteStorm (Rig& rig, juce::Random& random, int block);
int eventFlood (Rig& rig, juce::Random& random, int block);
int sysexFlood (Rig& rig, juce::Random& random, int block);
int programChanges (Rig& rig, juce::Random& random, int block);
int mpe (Rig& rig, juce::Random& random, int block);
int anyBytes (Rig& rig, juce::Random& random, int block);
int anySize (Rig& rig, juce::Random& random, int block);
int denormals (Rig& rig, juce::Random& random, int block);

// What happens right before a block on the audio thread.
void everyParameter (Rig& rig, juce::Random& random);
void senselessParameters (Rig& rig, juce::Random& random);
void toggleBypass (Rig& rig, juce::Random& random);

// How a rig is prepared.
void learnAll (Rig& rig);
void setParameter (Rig& rig, const char* id, float plain);
void playPolyphonic (Rig& rig);

}  // namespace hexachord
