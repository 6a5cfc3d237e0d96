// The models that an instance of the plug-in knows: the bundled ones and what its user has loaded.
// Never the audio thread's.
#pragma once

#include "Models.h"

#include <mutex>

namespace hexachord
{

// A neural sound as the plug-in's state keeps it. A bundled instrument is a name and no more; the
// file of a user's model travels along if it is small.
struct SavedModel
{
    juce::String instrument, path, sha256;
    juce::MemoryBlock file;

    bool isBundled() const { return path.isEmpty() && sha256.isEmpty(); }
};

class ModelList
{
public:
    // A user's model by its path, a bundled one by an empty path and an instrument of it; null if
    // there is none.
    ModelPointer find (const juce::String& path, const juce::String& instrument) const;

    // What there is to choose from: of a user's model by its path, of all bundled ones by an empty one.
    std::vector<InstrumentFacts> instruments (const juce::String& path) const;

    // The paths of the user's models, in the order in which they were loaded first.
    juce::StringArray paths() const;

    // Reads a file. A model of the same path takes the place of the one before.
    ModelPointer load (const juce::File& file, juce::String& problem);

    // Finds what a state asks for: known already, at its path, or in the state itself. A file that
    // has changed since plays only if the state has no copy; then `problem` says so.
    ModelPointer restore (const SavedModel& saved, juce::String& problem);

private:
    ModelPointer findUsers (const juce::String& path) const;
    void add (const ModelPointer& model);

    mutable std::mutex mutex;
    std::vector<ModelPointer> models;
};

}  // namespace hexachord
