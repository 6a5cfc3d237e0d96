// The instrument's neural sounds: choosing, loading, saving them.
#include "Instrument.h"

#include <cmath>

namespace hexachord
{
namespace
{

constexpr float legato = 2.0f;

// As the engine tells whether a value stands where a sound usually has it.
bool isSame (float value, float usual)
{
    return std::abs (value - usual) <= 1e-6f;
}

juce::String sourceOf (const juce::String& path)
{
    return path.isEmpty() ? juce::String ("bundled instruments") : fileNameOf (path);
}

juce::String namesOf (const std::vector<InstrumentFacts>& instruments)
{
    juce::StringArray names;
    for (const auto& facts : instruments)
        names.add (facts.name);
    return names.isEmpty() ? juce::String ("none") : names.joinIntoString (", ");
}

float shownOf (const Patch& patch, int field)
{
    return patch[static_cast<std::size_t> (field)] + static_cast<float> (fieldTable[field].shownFrom);
}

}  // namespace

float Instrument::Chosen::typicalOf (int index) const noexcept
{
    if (slot >= 0 && index < controlCount)
        return typical[static_cast<std::size_t> (index)];
    if (slot >= 0 && index == parameter::voiceMode)
        return legato;
    if (slot >= 0 && index >= firstVoiceParameter && patch.has_value())
        return shownOf (*patch, index - firstVoiceParameter);
    return parameterTable[index].defaultValue;
}

// Makes a sound the wanted one: what stands where the sound before usually has it moves along, and a
// DDX7 model brings its voice.
void Instrument::select (const Chosen& sound) noexcept
{
    soundWaits = true;
    for (auto i = 0; i <= parameter::voiceMode; ++i)
    {
        auto& shown = *parameters[static_cast<std::size_t> (i)];
        if (hasTypical (i) && isSame (shown.plain(), wantedModel.typicalOf (i)))
            shown.setPlain (sound.typicalOf (i));
    }
    if (sound.patch.has_value())
        for (auto i = 0; i < fieldCount; ++i)
            parameters[static_cast<std::size_t> (firstVoiceParameter + i)]->setPlain (
                shownOf (*sound.patch, i));
    wantedModel = sound;
    neural = sound.slot >= 0;
    unavailableStands = false;
    stale = true;
}

// What select does to the parameters, the engine does to its own when it takes the sound.
void Instrument::engineTakes (const Chosen& sound) noexcept
{
    for (auto i = 0; i <= parameter::voiceMode; ++i)
    {
        auto& value = sent[static_cast<std::size_t> (i)];
        if (hasTypical (i) && isSame (value, playing.typicalOf (i)))
            value = sound.typicalOf (i);
    }
    if (sound.patch.has_value())
        for (auto i = 0; i < fieldCount; ++i)
            sent[static_cast<std::size_t> (firstVoiceParameter + i)] = shownOf (*sound.patch, i);
    playing = sound;
}

juce::String Instrument::play (const Playable& sound)
{
    const auto& model = sound.model;
    const auto& facts = model->instruments[static_cast<std::size_t> (sound.row)];
    Chosen wish { -1, sound.row, facts.typical, facts.patch };
    const std::lock_guard<std::mutex> hold (mutex);
    // Freed at the end, where nobody waits for it.
    ModelPointer before;
    {
        const juce::SpinLock::ScopedLockType exclusive (lock);
        wish.slot = slotBook.slotOf (model);
        if (wish.slot >= 0)
        {
            requested = -1;
            select (wish);
            return {};
        }
        wish.slot = slotBook.freeSlot (wantedModel.slot);
        if (wish.slot >= 0)
            slotBook.exchange (wish.slot, before);
    }
    if (wish.slot < 0)
        return sourceOf (model->path) + ": expected at most " + juce::String (HEXACHORD_MODEL_SLOTS - 1)
             + " other models that sound, found more: let their notes end first";
    slotBook.fill (wish.slot, *model);
    auto held = model;
    const juce::SpinLock::ScopedLockType exclusive (lock);
    slotBook.exchange (wish.slot, held);
    requested = -1;
    select (wish);
    return {};
}

juce::String Instrument::choose (const NeuralSound& sound)
{
    const auto model = list.find (sound.model, sound.instrument);
    if (model == nullptr && sound.model.isNotEmpty())
        return fileNameOf (sound.model) + ": expected a model that is loaded, found none";
    const auto row = model == nullptr ? -1 : model->rowOf (sound.instrument);
    return row < 0 ? unknown (sound) : play ({ model, row });
}

juce::String Instrument::unknown (const NeuralSound& sound) const
{
    return sourceOf (sound.model) + ": expected one of " + namesOf (instruments (sound.model)) + ", found \""
         + sound.instrument.substring (0, 64) + "\"";
}

juce::String Instrument::loadModel (const juce::File& file, const juce::String& instrument)
{
    juce::String line;
    const auto model = list.load (file, line);
    if (model == nullptr)
        return line;
    return choose ({ model->path, instrument.isEmpty() ? model->instruments[0].name : instrument });
}

void Instrument::restore (const std::optional<NeuralSound>& sound)
{
    if (sound.has_value())
    {
        tellProblem (choose (*sound));
        return;
    }
    const juce::SpinLock::ScopedLockType exclusive (lock);
    select ({});
}

std::optional<NeuralSound> Instrument::neuralSound() const
{
    ModelPointer model;
    auto row = 0;
    {
        const juce::SpinLock::ScopedLockType exclusive (lock);
        if (wantedModel.slot < 0)
            return {};
        model = slotBook.at (wantedModel.slot);
        row = wantedModel.row;
    }
    return NeuralSound { model->path, model->instruments[static_cast<std::size_t> (row)].name };
}

juce::StringArray Instrument::bundledInstruments() const
{
    juce::StringArray names;
    for (const auto& facts : instruments ({}))
        names.add (facts.name);
    return names;
}

std::vector<InstrumentFacts> Instrument::instruments (const juce::String& model) const
{
    return list.instruments (model);
}

float Instrument::typical (int index) const
{
    const juce::SpinLock::ScopedLockType exclusive (lock);
    return wantedModel.typicalOf (index);
}

juce::String Instrument::nameOf (const NeuralView& view) const
{
    if (view.slot < 0)
        return {};
    ModelPointer model;
    {
        const juce::SpinLock::ScopedLockType exclusive (lock);
        model = slotBook.at (view.slot);
    }
    const auto row = static_cast<std::size_t> (view.row);
    return model == nullptr || row >= model->instruments.size() ? juce::String() : model->instruments[row].name;
}

SavedModel Instrument::savedModel() const
{
    if (unavailableStands)
    {
        const std::lock_guard<std::mutex> hold (mutex);
        return unavailable;
    }
    ModelPointer model;
    auto row = 0;
    {
        const juce::SpinLock::ScopedLockType exclusive (lock);
        if (wantedModel.slot < 0)
            return {};
        model = slotBook.at (wantedModel.slot);
        row = wantedModel.row;
    }
    return { model->instruments[static_cast<std::size_t> (row)].name, model->path, model->sha256, model->file };
}

std::optional<Instrument::Playable> Instrument::find (const SavedModel& saved)
{
    juce::String line;
    const auto model = list.restore (saved, line);
    const auto row = model == nullptr ? -1 : model->rowOf (saved.instrument);
    if (row < 0 && line.isEmpty())
        line = unknown ({ saved.path, saved.instrument });
    // Moved, not copied over: JUCE copies an empty block from nowhere.
    auto asked = row < 0 ? SavedModel (saved) : SavedModel();
    const std::lock_guard<std::mutex> hold (mutex);
    problem = line;
    unavailable = std::move (asked);
    unavailableStands = row < 0;
    if (row < 0)
        return {};
    return Playable { model, row };
}

juce::String Instrument::stateProblem() const
{
    const std::lock_guard<std::mutex> hold (mutex);
    return problem;
}

void Instrument::tellProblem (const juce::String& line)
{
    if (line.isEmpty())
        return;
    const std::lock_guard<std::mutex> hold (mutex);
    problem = line;
}

void Instrument::clearStateProblem()
{
    const std::lock_guard<std::mutex> hold (mutex);
    problem.clear();
}

}  // namespace hexachord
