// What a user does with sounds: choose, load, store, save, compare. Each is one step of the
// history, none writes automation, and a failure changes nothing.
#pragma once

#include "History.h"

#include <optional>

namespace hexachord
{

// What happened, in one line for the status bar.
struct Outcome
{
    juce::String line;
    bool failed = false;
};

// A bank that comes with the plug-in.
struct BundledBank
{
    juce::String name;
    juce::MemoryBlock data;
};

// The banks built in, then those of the bundle's Resources folder that are not among them.
std::vector<BundledBank> bundledBanks();

class Sounds
{
public:
    Sounds (Processor& owner, History& steps) : processor (owner), history (steps) {}

    Outcome choose (int program);
    Outcome choose (const NeuralSound& sound);

    // The next or the previous sound of the kind that plays: a voice of the bank, or an instrument
    // of the model.
    Outcome step (int by);

    Outcome load (const juce::MemoryBlock& data, const juce::String& name);

    // A DX7 voice or bank (.syx), or a neural model (.ts), which leaves bank and voice alone.
    Outcome loadFile (const juce::File& file);
    Outcome rename (const juce::String& name);
    Outcome storeVoice();
    Outcome saveVoice (const juce::File& file);
    Outcome saveBank (const juce::File& file);

    // Whether the voice differs from the one that the bank holds.
    bool isEdited() const;

    // Switches between the voice as edited and as stored.
    void compare();
    bool isComparing() const { return edited.has_value(); }

    // Forgets the edited side of a comparison once something else was chosen or changed.
    void endStaleComparison();

    juce::String voiceName() const;

private:
    Outcome loadModel (const juce::File& file);
    void set (const VoiceData& voice);

    Processor& processor;
    History& history;
    std::optional<Snapshot> edited;
};

}  // namespace hexachord
