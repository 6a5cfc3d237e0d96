#include "State.h"

namespace hexachord
{
namespace
{

constexpr int stateVersion = 1;
const char* const rootTag = "hexachord";
const char* const parametersTag = "parameters";
const char* const soundTag = "sound";
const char* const learnedTag = "learned";
const char* const editorTag = "editor";

template <typename Bytes>
juce::String encoded (const Bytes& bytes)
{
    return juce::Base64::toBase64 (bytes.data(), bytes.size());
}

juce::MemoryBlock decoded (const juce::String& text)
{
    juce::MemoryBlock block;
    {
        juce::MemoryOutputStream stream (block, false);
        if (! juce::Base64::convertFromBase64 (stream, text))
            return {};
    }
    return block;
}

// Reads a dump of one kind from an attribute; false if there is none or it is damaged.
bool readAttribute (const juce::XmlElement& xml,
                    const char* name,
                    DumpKind kind,
                    VoiceData& voice,
                    Bank& bank)
{
    const auto bytes = decoded (xml.getStringAttribute (name));
    const auto* data = static_cast<const std::uint8_t*> (bytes.getData());
    return readDump (data, bytes.getSize(), 0, voice, bank).kind == kind;
}

// A neural sound lies in the sound's own attributes; a bundled one has its name alone.
void writeModel (const SavedModel& saved, juce::XmlElement& sound)
{
    if (saved.instrument.isEmpty())
        return;
    sound.setAttribute ("instrument", saved.instrument);
    if (saved.isBundled())
        return;
    sound.setAttribute ("model_path", saved.path);
    sound.setAttribute ("model_sha256", saved.sha256);
    if (! saved.file.isEmpty())
        sound.setAttribute ("model_file", juce::Base64::toBase64 (saved.file.getData(), saved.file.getSize()));
}

SavedModel readModel (const juce::XmlElement& sound)
{
    return { sound.getStringAttribute ("instrument"),
             sound.getStringAttribute ("model_path"),
             sound.getStringAttribute ("model_sha256").toLowerCase(),
             decoded (sound.getStringAttribute ("model_file")) };
}

// The bank and the voice, and the neural instrument above them. If that cannot be had, the one that
// plays stays, above the bank and the voice of the state.
void readSound (const juce::XmlElement& sound, Instrument& instrument)
{
    const auto isNeural = sound.hasAttribute ("instrument");
    const auto before = instrument.neuralSound();
    std::optional<Instrument::Playable> model;
    if (isNeural)
        model = instrument.find (readModel (sound));
    VoiceData unused {};
    auto bank = initialBank();
    if (! readAttribute (sound, "bank", DumpKind::bank, unused, bank))
        bank = initialBank();
    instrument.setBank (bank, sound.getStringAttribute ("bank_name"), sound.getIntAttribute ("program"));
    auto voice = initialVoice();
    Bank alsoUnused;
    if (readAttribute (sound, "voice", DumpKind::single, voice, alsoUnused))
        instrument.setVoice (voice);
    if (model.has_value())
    {
        instrument.tellProblem (instrument.play (*model));
    }
    else if (isNeural)
    {
        instrument.restore (before);
        // Choosing has forgotten what was asked for in vain.
        instrument.find (readModel (sound));
    }
}

void readParameters (const juce::XmlElement& values,
                     const Instrument& instrument,
                     const std::vector<Parameter*>& parameters)
{
    for (auto* parameter : parameters)
    {
        const auto isVoiceField = parameter->index() >= firstVoiceParameter;
        const auto kept = isVoiceField ? parameter->plain() : instrument.typical (parameter->index());
        parameter->setPlain (static_cast<float> (
            values.getDoubleAttribute (parameter->info().id, static_cast<double> (kept))));
    }
}

void readLearned (const juce::XmlElement& xml, LearnedControllers& learned)
{
    learned.clear();
    for (const auto* entry : xml.getChildIterator())
    {
        const auto controller = entry->getIntAttribute ("controller", -1);
        const auto id = entry->getStringAttribute ("parameter");
        for (auto i = 0; i < parameterCount; ++i)
            if (juce::isPositiveAndBelow (controller, 128) && id == parameterTable[i].id)
                learned.assign (controller, i);
    }
}

// JUCE reads as much as there is of a cut text, and takes it for the whole.
bool isCut (const void* data, int size)
{
    constexpr int lengthOffset = 4, textOffset = 8;
    if (size < textOffset)
        return true;
    const auto length = juce::ByteOrder::littleEndianInt (juce::addBytesToPointer (data, lengthOffset));
    return length > static_cast<juce::uint32> (size - textOffset);
}

}  // namespace

void writeState (const Instrument& instrument,
                 const std::vector<Parameter*>& parameters,
                 EditorSize editor,
                 juce::MemoryBlock& out)
{
    juce::XmlElement root (rootTag);
    root.setAttribute ("version", stateVersion);
    auto* sound = root.createNewChildElement (soundTag);
    sound->setAttribute ("bank_name", instrument.bankName());
    sound->setAttribute ("program", instrument.program());
    sound->setAttribute ("bank", encoded (bankDump (instrument.bank())));
    sound->setAttribute ("voice", encoded (singleDump (instrument.voice())));
    writeModel (instrument.savedModel(), *sound);
    auto* values = root.createNewChildElement (parametersTag);
    for (const auto* parameter : parameters)
        values->setAttribute (parameter->info().id, static_cast<double> (parameter->plain()));
    auto* learned = root.createNewChildElement (learnedTag);
    for (auto controller = 0; controller < 128; ++controller)
    {
        const auto index = instrument.learned.parameterOf (controller);
        if (index == noParameter)
            continue;
        auto* entry = learned->createNewChildElement ("controller");
        entry->setAttribute ("controller", controller);
        entry->setAttribute ("parameter", parameterTable[index].id);
    }
    auto* window = root.createNewChildElement (editorTag);
    window->setAttribute ("width", editor.width);
    window->setAttribute ("height", editor.height);
    juce::AudioProcessor::copyXmlToBinary (root, out);
}

bool readState (const void* data,
                int size,
                Instrument& instrument,
                const std::vector<Parameter*>& parameters,
                EditorSize& editor)
{
    if (data == nullptr || size <= 0)
        return false;
    if (isCut (data, size))
        return false;
    const auto root = juce::AudioProcessor::getXmlFromBinary (data, size);
    if (root == nullptr || ! root->hasTagName (rootTag) || ! root->hasAttribute ("version"))
        return false;

    instrument.clearStateProblem();
    if (const auto* sound = root->getChildByName (soundTag))
        readSound (*sound, instrument);
    else
        instrument.setBank (initialBank(), {}, 0);
    if (const auto* values = root->getChildByName (parametersTag))
        readParameters (*values, instrument, parameters);
    if (const auto* learned = root->getChildByName (learnedTag))
        readLearned (*learned, instrument.learned);
    else
        instrument.learned.clear();
    if (const auto* window = root->getChildByName (editorTag))
        editor = { window->getIntAttribute ("width"), window->getIntAttribute ("height") };
    return true;
}

}  // namespace hexachord
