#include "Models.h"

#include "Archive.h"

#include <BinaryData.h>
#include <hexachord_parameters.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace hexachord
{
namespace
{

const char* const liveKind = "live";
const char* const ddx7Kind = "ddx7";
constexpr juce::int64 largestFile = 64 << 20, largestEmbedded = 10000000;
constexpr int longestName = 64;

// plugin_core.engine.live_layout: the rows of the layer table that tell of instruments, and columns.
constexpr int typicalLayer = 13, styleLayer = 14;
constexpr int columnsColumn = 2, offsetColumn = 4, layoutColumns = 5;

// plugin_core.engine.ddx7_layout: its tables, and where the pitches stand that it has learnt.
constexpr int voiceLayer = 15, playingLayer = 16;
constexpr int lowestPitch = 14, highestPitch = 15;

bool isDdx7 (const NeuralModel& model)
{
    return model.record.kind == HEXACHORD_MODEL_DDX7;
}

const float* rowOfTable (const NeuralModel& model, int layer, int row)
{
    const auto& place = model.record.layout[layer];
    return model.weights.data() + place[offsetColumn] + row * place[columnsColumn];
}

juce::String shapeOf (const Tensor& tensor)
{
    juce::StringArray extents;
    for (const auto extent : tensor.shape)
        extents.add (juce::String (extent));
    return tensor.type.substring (0, 8) + " (" + extents.joinIntoString (", ").substring (0, 40) + ")";
}

juce::String readWeights (const Archive& archive, NeuralModel& model)
{
    Tensor weights, layout;
    if (auto problem = archive.find ("weights", weights); problem.isNotEmpty())
        return problem;
    if (auto problem = archive.find ("layout", layout); problem.isNotEmpty())
        return problem;
    const auto numbers = weights.size / sizeof (float);
    if (weights.type != "F32" || weights.shape != std::vector<juce::int64> { static_cast<juce::int64> (numbers) }
        || weights.size != numbers * sizeof (float))
        return "expected weights of 32-bit floats in one dimension, found " + shapeOf (weights);
    if (numbers == 0 || numbers > HEXACHORD_WEIGHTS_CAPACITY)
        return "expected at most " + juce::String (HEXACHORD_WEIGHTS_CAPACITY) + " weights, found "
             + juce::String (static_cast<juce::int64> (numbers));
    const auto layers = static_cast<int> (layout.size / sizeof model.record.layout[0]);
    if (layout.type != "I32" || layers < 1 || layers > HEXACHORD_LAYERS
        || layout.size != static_cast<std::size_t> (layers) * sizeof model.record.layout[0]
        || layout.shape != std::vector<juce::int64> { layers, layoutColumns })
        return "expected a table of at most " + juce::String (HEXACHORD_LAYERS) + " layers, found "
             + shapeOf (layout);
    model.weights.resize (numbers);
    std::memcpy (model.weights.data(), weights.data, weights.size);
    std::memcpy (model.record.layout, layout.data, layout.size);
    model.record.layers = layers;
    hexachord_check_model (&model.record, model.weights.data(), static_cast<int> (numbers));
    if (model.record.fault != 0)
        return juce::String ("expected a model that can be played, found that ")
             + hexachord_live_fault (model.record.fault);
    return {};
}

int keyOf (const juce::var& keys, int index)
{
    const auto* range = keys.getArray();
    if (range == nullptr || range->size() != 2)
        return -1;
    return juce::jlimit (0, 127, static_cast<int> ((*range)[index]));
}

// Style, and the keys that the instrument plays.
void readPlaying (const juce::var& description, const NeuralModel& model, int row, InstrumentFacts& facts)
{
    const juce::Identifier id (facts.name);
    if (isDdx7 (model))
    {
        const auto* numbers = rowOfTable (model, playingLayer, row);
        facts.lowestKey = juce::roundToInt (juce::jlimit (0.0f, 127.0f, numbers[lowestPitch]));
        facts.highestKey = juce::roundToInt (juce::jlimit (0.0f, 127.0f, numbers[highestPitch]));
        return;
    }
    const auto& style = description["styles"][id];
    const auto* numbers = rowOfTable (model, styleLayer, row);
    facts.hasStyle = numbers[0] != 0.0f;
    facts.shortestS = numbers[1];
    facts.styleLow = style["low"].toString();
    facts.styleHigh = style["high"].toString();
    facts.lowestKey = keyOf (description["ranges"][id], 0);
    facts.highestKey = keyOf (description["ranges"][id], 1);
}

// The engine loads the same values, brought into range in the same way.
void readPatch (const NeuralModel& model, int row, InstrumentFacts& facts)
{
    const auto* stored = rowOfTable (model, voiceLayer, row);
    auto& patch = facts.patch.emplace();
    for (auto i = 0; i < fieldCount; ++i)
        patch[static_cast<std::size_t> (i)] = std::round (
            juce::jlimit (0.0f, static_cast<float> (fieldTable[i].maximum), stored[i]));
}

juce::String readInstruments (const juce::var& description, NeuralModel& model)
{
    const auto* names = description["instruments"].getArray();
    if (names == nullptr || names->size() != model.record.instruments)
        return "expected the names of " + juce::String (model.record.instruments)
             + " instruments, found "
             + (names == nullptr ? juce::String ("none") : juce::String (names->size()));
    for (auto row = 0; row < model.record.instruments; ++row)
    {
        InstrumentFacts facts;
        facts.name = (*names)[row].isString() ? (*names)[row].toString() : juce::String();
        if (facts.name.trim().isEmpty() || facts.name.length() > longestName
            || model.rowOf (facts.name) >= 0)
            return "expected instruments of different names, found \"" + facts.name.substring (0, longestName)
                 + "\"";
        readPlaying (description, model, row, facts);
        if (isDdx7 (model))
            readPatch (model, row, facts);
        const auto* usual = rowOfTable (model, typicalLayer, row);
        std::transform (usual,
                        usual + controlCount,
                        facts.typical.begin(),
                        [] (auto value) { return juce::jlimit (0.0f, 1.0f, value); });
        model.instruments.push_back (std::move (facts));
    }
    return {};
}

juce::String readAll (const juce::MemoryBlock& file, NeuralModel& model)
{
    Archive archive;
    if (auto problem = archive.read (file.getData(), file.getSize()); problem.isNotEmpty())
        return problem;
    const auto found = archive.description["kind"].toString();
    if (found != liveKind && found != ddx7Kind)
        return juce::String ("expected an instrument of kind \"") + liveKind + "\" or \"" + ddx7Kind
             + "\", found \"" + found.substring (0, 20) + "\"";
    if (auto problem = readWeights (archive, model); problem.isNotEmpty())
        return problem;
    if (const auto* held = isDdx7 (model) ? ddx7Kind : liveKind; found != held)
        return "expected a network of kind \"" + found + "\", found one of kind \"" + held + "\"";
    return readInstruments (archive.description, model);
}

std::shared_ptr<NeuralModel> read (const juce::MemoryBlock& file, const juce::String& name, juce::String& problem)
{
    auto model = std::make_shared<NeuralModel>();
    // What comes from the file may hold line breaks.
    const auto fault = readAll (file, *model).replaceCharacters ("\r\n\t", "   ");
    if (fault.isEmpty())
        return model;
    problem = name + ": " + fault;
    return nullptr;
}

}  // namespace

int NeuralModel::rowOf (const juce::String& instrument) const
{
    const auto found = std::find_if (instruments.begin(),
                                     instruments.end(),
                                     [&] (const auto& facts) { return facts.name == instrument; });
    return found == instruments.end() ? -1 : static_cast<int> (found - instruments.begin());
}

ModelPointer readModel (const juce::MemoryBlock& file, const juce::String& name, juce::String& problem)
{
    return read (file, name, problem);
}

bool readModelFile (const juce::File& file, juce::MemoryBlock& out, juce::String& problem)
{
    const auto name = file.getFileName();
    const auto expected = name + ": expected a Hexachord instrument (.ts), found ";
    if (file.isDirectory())
        problem = expected + "a folder";
    else if (! file.existsAsFile())
        problem = expected + "no file of that name";
    else if (file.getSize() > largestFile)
        problem = name + ": expected at most 64 MB, found "
                + juce::File::descriptionOfSizeInBytes (file.getSize());
    // What has no size may be a device or a pipe, which would never end.
    else if (file.getSize() == 0)
        problem = expected + "an empty file";
    else if (! file.loadFileAsData (out))
        problem = name + ": could not be read";
    else
        return true;
    return false;
}

ModelPointer readUserModel (const juce::MemoryBlock& file,
                            const juce::String& path,
                            const juce::String& sha256,
                            juce::String& problem)
{
    auto model = read (file, fileNameOf (path), problem);
    if (model == nullptr)
        return nullptr;
    model->path = path;
    model->sha256 = sha256;
    if (static_cast<juce::int64> (file.getSize()) < largestEmbedded)
        model->file = file;
    return model;
}

juce::String fileNameOf (const juce::String& path)
{
    return path.replaceCharacter ('\\', '/').fromLastOccurrenceOf ("/", false, false);
}

const std::vector<ModelPointer>& bundledModels()
{
    static const auto models = []
    {
        std::vector<ModelPointer> all;
        for (auto i = 0; i < BinaryData::namedResourceListSize; ++i)
        {
            const juce::String name (BinaryData::originalFilenames[i]);
            if (! name.endsWith (".ts"))
                continue;
            auto size = 0;
            const auto* data = BinaryData::getNamedResource (BinaryData::namedResourceList[i], size);
            juce::String problem;
            if (auto model = readModel ({ data, static_cast<std::size_t> (size) }, name, problem))
                all.push_back (std::move (model));
            jassert (problem.isEmpty());
        }
        std::stable_partition (
            all.begin(), all.end(), [] (const auto& model) { return ! isDdx7 (*model); });
        return all;
    }();
    return models;
}

ModelSlots::ModelSlots()
    : memory (static_cast<float*> (std::calloc (
                  static_cast<std::size_t> (HEXACHORD_MODEL_SLOTS) * HEXACHORD_WEIGHTS_CAPACITY, sizeof (float))),
              &std::free)
{
    if (memory == nullptr)
        throw std::bad_alloc();
}

int ModelSlots::slotOf (const ModelPointer& model) const noexcept
{
    const auto found = std::find (held.begin(), held.end(), model);
    return found == held.end() ? -1 : static_cast<int> (found - held.begin());
}

int ModelSlots::freeSlot (int wanted) const noexcept
{
    for (auto slot = 0; slot < HEXACHORD_MODEL_SLOTS; ++slot)
        if (slot != wanted && (playing >> slot & 1u) == 0)
            return slot;
    return -1;
}

void ModelSlots::fill (int slot, const NeuralModel& model) noexcept
{
    const auto offset = static_cast<std::size_t> (slot) * HEXACHORD_WEIGHTS_CAPACITY;
    std::copy (model.weights.begin(), model.weights.end(), memory.get() + offset);
    records[static_cast<std::size_t> (slot)] = model.record;
}

}  // namespace hexachord
