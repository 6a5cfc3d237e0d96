// Models of neural instruments, live and DDX7: what an archive says, checked as the engine demands,
// and the slots from which the engine plays them.
#pragma once

#include <hexachord_engine.h>

#include <juce_core/juce_core.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

namespace hexachord
{

inline constexpr int controlCount = 6;

// One instrument of a model, for people.
struct InstrumentFacts
{
    juce::String name;

    // Whether style does anything, how long a note lasts at its short end, and the names of the ends.
    bool hasStyle = false;
    float shortestS = 0.0f;
    juce::String styleLow, styleHigh;

    // The keys that it usually plays; -1 if nobody says.
    int lowestKey = -1, highestKey = -1;

    // The values that the six controls usually have.
    std::array<float, controlCount> typical {};

    // Of a DDX7 model, the DX7 voice whose operators its network plays: stored values.
    std::optional<std::array<float, HEXACHORD_PATCH_SIZE>> patch {};
};

// A model that the engine can play. Never changes once it is read.
struct NeuralModel
{
    // Where a user's model came from and what it is; a bundled model has no path.
    juce::String path, sha256;

    // A user's model as a file, if it is small enough to travel in the plug-in's state.
    juce::MemoryBlock file;

    std::vector<InstrumentFacts> instruments;
    hexachord_model record {};
    std::vector<float> weights;

    // Where an instrument stands in the model; -1 if it has none of that name.
    int rowOf (const juce::String& instrument) const;
};

using ModelPointer = std::shared_ptr<const NeuralModel>;

// Reads a model out of an archive's bytes. If there is none, `problem` says why in one line that
// begins with `name`.
ModelPointer readModel (const juce::MemoryBlock& file, const juce::String& name, juce::String& problem);

// Reads a user's file as bytes; `problem` as above.
bool readModelFile (const juce::File& file, juce::MemoryBlock& out, juce::String& problem);

// A user's model: what readModel gives, with its path and the checksum of the file.
ModelPointer readUserModel (const juce::MemoryBlock& file,
                            const juce::String& path,
                            const juce::String& sha256,
                            juce::String& problem);

// The last part of a path of any system.
juce::String fileNameOf (const juce::String& path);

// The models that come with the plug-in, read once in a process: the live one if it was built with
// it, then those of kind DDX7. No two of their instruments have one name.
const std::vector<ModelPointer>& bundledModels();

// One for every player that may sound, the one that notes to come play, the one that is wanted.
static_assert (HEXACHORD_MODEL_SLOTS > HEXACHORD_PLAYERS + 2, "a model that is chosen finds a slot free");

// The engine's memory for models, and who may write where. A slot is free while neither the audio
// thread plays from it nor is about to; the instrument's lock guards everything but fill.
class ModelSlots
{
public:
    ModelSlots();

    const hexachord_model* models() const noexcept { return records.data(); }
    const float* weights() const noexcept { return memory.get(); }

    // The slot of a model; -1 if it lies in none.
    int slotOf (const ModelPointer& model) const noexcept;

    // A slot that nobody plays and that is not `wanted`; -1 if there is none.
    int freeSlot (int wanted) const noexcept;

    // What lies in a slot, and exchanging it: who frees the old one does so without the lock.
    const ModelPointer& at (int slot) const noexcept { return held[static_cast<std::size_t> (slot)]; }
    void exchange (int slot, ModelPointer& model) noexcept { held[static_cast<std::size_t> (slot)].swap (model); }

    // Writes a model where nothing lies.
    void fill (int slot, const NeuralModel& model) noexcept;

    // The audio thread's: from which slots it may play, as bits. It adds one when it takes a sound,
    // and tells all anew when it knows better.
    void addPlaying (int slot) noexcept { playing |= 1u << slot; }
    void setPlaying (unsigned slots) noexcept { playing = slots; }

private:
    std::array<hexachord_model, HEXACHORD_MODEL_SLOTS> records {};

    // From calloc: pages that no model needs are never there.
    std::unique_ptr<float, decltype (&std::free)> memory;
    std::array<ModelPointer, HEXACHORD_MODEL_SLOTS> held;
    unsigned playing = 0;
};

}  // namespace hexachord
