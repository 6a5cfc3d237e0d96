// A plug-in that plays a neural instrument, and model files for it.
#pragma once

#include "Rig.h"

namespace hexachord
{

using Audio = std::vector<float>;

struct NeuralRig : Rig
{
    explicit NeuralRig (const juce::String& instrument = "violin")
    {
        problem = processor.instrument.chooseInstrument (instrument);
        processor.meter.setWatched (true);
        render (0);
    }

    float plain (int index) { return processor.parameter (index).plain(); }

    juce::String instrument() const
    {
        const auto sound = processor.instrument.neuralSound();
        return sound.has_value() ? sound->instrument : juce::String ("voice");
    }

    juce::MemoryBlock state()
    {
        juce::MemoryBlock out;
        processor.getStateInformation (out);
        return out;
    }

    void restore (const juce::MemoryBlock& from)
    {
        processor.setStateInformation (from.getData(), static_cast<int> (from.getSize()));
    }

    juce::String problem;
};

// A file that lasts as long as this.
struct ModelFile
{
    explicit ModelFile (const juce::MemoryBlock& bytes)
    {
        file.getFile().replaceWithData (bytes.getData(), bytes.getSize());
    }
    ~ModelFile() { file.deleteTemporaryFile(); }

    juce::File path() const { return file.getFile(); }

    juce::TemporaryFile file { ".ts" };
};

// A bundled archive, by default the live model's; empty if the plug-in was built without it.
juce::MemoryBlock bundledFile (const char* name = "live.ts");

// The names of all bundled archives.
juce::StringArray bundledArchives();

// The largest sample from one place up to another.
float largest (const Audio& audio, int from, int to);

}  // namespace hexachord
