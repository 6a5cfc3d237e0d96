#include "Processor.h"

#include "Editor.h"

#include <BinaryData.h>

#include <cmath>

namespace hexachord
{
namespace
{

constexpr int eventCapacity = 4096;
constexpr double longestTailS = 30.0;
constexpr double graceS = 0.02;
// plugin_core.engine.live_frames: by then a neural note that was let go is faded out.
constexpr double longestNeuralTailS = 1.4 + graceS;
constexpr double tickS = 64.0 / 44100.0;
constexpr double fullLevelUnits = 4080.0;
constexpr double slowestBpm = 1.0, fastestBpm = 10000.0;
constexpr int allSoundOff = 120;

constexpr int fieldsPerOperator = 21;
constexpr int rate4 = 3, level4 = 7, outputLevel = 16;
constexpr int algorithmField = 134;

}  // namespace

Processor::Processor()
    : AudioProcessor (BusesProperties().withOutput ("Output", juce::AudioChannelSet::stereo(), true)),
      instrument ([this]
                  {
                      setParameterTree ([this]
                                        {
                                            auto tree = makeParameters (parameters);
                                            auto switchOff = std::make_unique<juce::AudioParameterBool> (
                                                juce::ParameterID { "bypass", 1 }, "Bypass", false);
                                            bypass = switchOff.get();
                                            tree->addChild (std::move (switchOff));
                                            return std::move (*tree);
                                        }());
                      return parameters;
                  }()),
      display ([this]
               {
                   if (instrument.displayIsStale())
                       hostShouldReadParameters();
               })
{
    events.reserve (eventCapacity);
    instrument.load ({ BinaryData::hexachord1_syx, static_cast<size_t> (BinaryData::hexachord1_syxSize) },
                     "hexachord-1");
    // No host has read anything yet.
    instrument.displayIsStale();
}

void Processor::prepareToPlay (double sampleRate, int)
{
    instrument.startAnew();
    engine.reset (sampleRate, instrument.patch());
}

void Processor::reset()
{
    instrument.startAnew();
    engine.reset (engine.sampleRate(), instrument.patch());
}

bool Processor::isBusesLayoutSupported (const BusesLayout& layout) const
{
    const auto output = layout.getMainOutputChannelSet();
    return output == juce::AudioChannelSet::mono() || output == juce::AudioChannelSet::stereo();
}

Transport Processor::transportNow() const
{
    Transport transport;
    if (const auto* head = getPlayHead())
        if (const auto position = head->getPosition())
        {
            transport.tempoBpm = position->getBpm().orFallback (transport.tempoBpm);
            transport.beat = position->getPpqPosition().orFallback (transport.beat);
        }
    if (! (transport.tempoBpm >= slowestBpm && transport.tempoBpm <= fastestBpm))
        transport.tempoBpm = Transport {}.tempoBpm;
    if (! std::isfinite (transport.beat))
        transport.beat = 0.0;
    return transport;
}

void Processor::addEditorKeys (Block& block) noexcept
{
    const auto add = [&] (int key, int velocity)
    {
        const auto type = velocity > 0 ? HEXACHORD_NOTE_ON : HEXACHORD_NOTE_OFF;
        if (velocity == 0 || ! silenced)
            block.add ({ 0, type, 0, key, -1, 0, static_cast<float> (velocity) });
    };
    keyQueue.read (keyQueue.getNumReady())
        .forEach (
            [&] (int at)
            {
                const auto [key, velocity] = keys[static_cast<std::size_t> (at)];
                add (key, velocity);
            });
    if (keysLeft.exchange (false))
        for (std::size_t key = 0; key < keyLeft.size(); ++key)
            if (keyLeft[key].exchange (false))
                add (static_cast<int> (key), 0);
}

void Processor::addMidi (Block& block, const juce::MidiBuffer& midi) noexcept
{
    for (const auto message : midi)
    {
        const auto status = message.data[0];
        const auto isProgram = (status & 0xF0) == 0xC0 && message.numBytes > 1;
        if (isProgram)
            instrument.chooseProgram (message.data[1] % voicesPerBank);
        if (isProgram || (status == 0xF0 && instrument.receive (message.data, message.numBytes)))
        {
            // What came before plays the sound before.
            block.renderUntil (message.samplePosition);
            instrument.takeSound (message.samplePosition,
                                  [&] (const Event& event) { block.add (event); });
        }
        else if (const auto event = eventOf (
                     message.data, message.numBytes, message.samplePosition, instrument.learned))
        {
            const auto starts = event->type == HEXACHORD_NOTE_ON && event->value > 0.0f;
            if (! (starts && silenced))
                block.add (*event);
        }
    }
}

void Processor::play (juce::AudioBuffer<float>& buffer, const juce::MidiBuffer& midi, bool inSilence) noexcept
{
    const juce::ScopedNoDenormals noDenormals;
    const auto channels = buffer.getNumChannels();
    const auto isHeard = channels > 0;
    auto* out = isHeard ? buffer.getWritePointer (0) : unheard.data();
    const auto samples = isHeard ? buffer.getNumSamples()
                                 : std::min (buffer.getNumSamples(), static_cast<int> (unheard.size()));
    Block block (engine, instrument.patch(), instrument.slots(), events, transportNow(), out, samples);
    const auto becomesSilent = inSilence && ! silenced;
    silenced = inSilence;
    if (becomesSilent)
        for (auto channel = 0; channel < HEXACHORD_CHANNELS; ++channel)
            block.add ({ 0, HEXACHORD_CONTROLLER, channel, 0, -1, allSoundOff, 0.0f });
    instrument.takeChanges ([&] (const Event& event) { block.add (event); });
    addEditorKeys (block);
    addMidi (block, midi);
    block.finish();
    for (auto channel = 1; channel < channels; ++channel)
        buffer.copyFrom (channel, 0, out, samples);
    instrument.showChanges (engine);
    meter.observe (out, samples, engine);
}

void Processor::processBlock (juce::AudioBuffer<float>& buffer, juce::MidiBuffer& midi)
{
    play (buffer, midi, bypass->get());
}

void Processor::processBlockBypassed (juce::AudioBuffer<float>& buffer, juce::MidiBuffer& midi)
{
    play (buffer, midi, true);
}

double Processor::getTailLengthSeconds() const
{
    // Hosts ask on any thread: the parameters are read without a lock.
    if (instrument.isNeural())
        return longestNeuralTailS;
    const auto stored = [this] (int field)
    {
        return juce::roundToInt (parameter (firstVoiceParameter + field).plain())
             - fieldTable[field].shownFrom;
    };
    const auto carriers = algorithmTable[stored (algorithmField)].carriers;
    auto longest = 0.0;
    for (auto op = 0; op < 6; ++op)
    {
        const auto first = fieldsPerOperator * (5 - op);
        if ((carriers & 1 << op) == 0 || stored (first + outputLevel) == 0)
            continue;
        if (stored (first + level4) > 0)
            return longestTailS;
        const auto quick = std::min (63, 41 * stored (first + rate4) / 64);
        const auto step = (4 + quick % 4) * std::pow (2.0, quick / 4 - 8);
        longest = std::max (longest, fullLevelUnits / step * tickS);
    }
    return std::min (longestTailS, longest + graceS);
}

const juce::String Processor::getProgramName (int program)
{
    if (! juce::isPositiveAndBelow (program, voicesPerBank))
        return {};
    const auto bank = instrument.bank();
    return juce::String (nameOf (bank.voices[static_cast<std::size_t> (program)]).data()).trimEnd();
}

void Processor::changeProgramName (int program, const juce::String& name)
{
    if (! juce::isPositiveAndBelow (program, voicesPerBank))
        return;
    auto voice = instrument.bank().voices[static_cast<std::size_t> (program)];
    setName (voice, name.toRawUTF8());
    instrument.setBankVoice (program, voice);
}

void Processor::getStateInformation (juce::MemoryBlock& out)
{
    writeState (instrument, parameters, editorSize, out);
}

void Processor::setStateInformation (const void* data, int size)
{
    if (! readState (data, size, instrument, parameters, editorSize))
        return;
    // Told here and now: a host may free the plug-in before a timer would tell it.
    instrument.displayIsStale();
    hostShouldReadParameters();
}

void Processor::playKey (int key, int velocity) noexcept
{
    const auto place = keyQueue.write (1);
    if (place.blockSize1 > 0)
    {
        keys[static_cast<std::size_t> (place.startIndex1)] = { key, velocity };
    }
    else if (velocity == 0 && juce::isPositiveAndBelow (key, static_cast<int> (keyLeft.size())))
    {
        keyLeft[static_cast<std::size_t> (key)] = true;
        keysLeft = true;
    }
}

void Processor::hostShouldReadParameters()
{
    updateHostDisplay (
        ChangeDetails().withParameterInfoChanged (true).withProgramChanged (true));
}

juce::AudioProcessorEditor* Processor::createEditor()
{
    return new Editor (*this);
}

}  // namespace hexachord

juce::AudioProcessor* JUCE_CALLTYPE createPluginFilter()
{
    return new hexachord::Processor();
}
