#include "Processor.h"

#include "Editor.h"

#include <BinaryData.h>

#include <cmath>

namespace hexachord
{
namespace
{

// Room for a block's events; what a flood brings beyond it is rendered in pieces.
constexpr int eventCapacity = 4096;
constexpr int displayUpdatesPerSecond = 10;
constexpr double longestTailS = 30.0;
constexpr double graceS = 0.02;
constexpr double tickS = 64.0 / 44100.0;
constexpr double fullLevelUnits = 4080.0;
constexpr double defaultTempoBpm = 120.0;

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
                  }())
{
    events.reserve (eventCapacity);
    instrument.load ({ BinaryData::hexachord1_syx, static_cast<size_t> (BinaryData::hexachord1_syxSize) },
                     "hexachord-1");
    startTimerHz (displayUpdatesPerSecond);
}

Processor::~Processor()
{
    stopTimer();
}

void Processor::prepareToPlay (double sampleRate, int)
{
    instrument.startAnew();
    engine.reset (sampleRate, instrument.patch());
}

void Processor::reset()
{
    instrument.startAnew();
    engine.reset (getSampleRate() > 0.0 ? getSampleRate() : 44100.0, instrument.patch());
}

bool Processor::isBusesLayoutSupported (const BusesLayout& layout) const
{
    const auto output = layout.getMainOutputChannelSet();
    return output == juce::AudioChannelSet::mono() || output == juce::AudioChannelSet::stereo();
}

void Processor::append (const Event& event) noexcept
{
    if (events.size() < events.capacity())
        events.push_back (event);
}

void Processor::collectEvents (const juce::MidiBuffer& midi) noexcept
{
    events.clear();
    instrument.takeChanges ([this] (const Event& event) { append (event); });
    const auto queued = keyQueue.read (keyQueue.getNumReady());
    for (auto i = 0; i < queued.blockSize1 + queued.blockSize2; ++i)
    {
        const auto at = i < queued.blockSize1 ? queued.startIndex1 + i
                                              : queued.startIndex2 + i - queued.blockSize1;
        const auto [key, velocity] = keys[static_cast<std::size_t> (at)];
        append ({ 0, HEXACHORD_NOTE_ON, 0, key, -1, 0, static_cast<float> (velocity) });
    }
    for (const auto metadata : midi)
    {
        const auto status = metadata.data[0];
        if (status == 0xF0)
            instrument.receive (metadata.data, metadata.numBytes);
        else if ((status & 0xF0) == 0xC0 && metadata.numBytes > 1)
            instrument.chooseProgram (metadata.data[1] % voicesPerBank);
        else if (const auto event = eventOf (
                     metadata.data, metadata.numBytes, metadata.samplePosition, instrument.learned))
            append (*event);
    }
}

void Processor::processBlock (juce::AudioBuffer<float>& buffer, juce::MidiBuffer& midi)
{
    const juce::ScopedNoDenormals noDenormals;
    const auto samples = buffer.getNumSamples();
    const auto channels = buffer.getNumChannels();
    if (bypass->get())
    {
        processBlockBypassed (buffer, midi);
        return;
    }
    wasBypassed = false;
    if (channels == 0)
        return;
    auto tempoBpm = defaultTempoBpm;
    auto beat = 0.0;
    if (const auto* transport = getPlayHead())
        if (const auto position = transport->getPosition())
        {
            tempoBpm = position->getBpm().orFallback (defaultTempoBpm);
            beat = position->getPpqPosition().orFallback (0.0);
        }
    if (! std::isfinite (tempoBpm) || tempoBpm <= 0.0)
        tempoBpm = defaultTempoBpm;
    collectEvents (midi);
    auto* out = buffer.getWritePointer (0);
    engine.render (events.data(),
                   static_cast<int> (events.size()),
                   instrument.patch(),
                   tempoBpm,
                   beat,
                   out,
                   samples);
    for (auto channel = 1; channel < channels; ++channel)
        buffer.copyFrom (channel, 0, out, samples);
    instrument.showChanges (engine);
    meter.observe (out, samples, engine);
}

void Processor::processBlockBypassed (juce::AudioBuffer<float>& buffer, juce::MidiBuffer&)
{
    if (! wasBypassed)
        reset();
    wasBypassed = true;
    buffer.clear();
}

double Processor::getTailLengthSeconds() const
{
    const auto voice = instrument.voice();
    const auto carriers = algorithmTable[voice[algorithmField]].carriers;
    auto longest = 0.0;
    for (auto op = 0; op < 6; ++op)
    {
        const auto* fields = voice.data() + fieldsPerOperator * (5 - op);
        if ((carriers & 1 << op) == 0 || fields[outputLevel] == 0)
            continue;
        if (fields[level4] > 0)
            return longestTailS;
        const auto quick = std::min (63, 41 * fields[rate4] / 64);
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
    if (readState (data, size, instrument, parameters, editorSize))
        hostShouldReadParameters();
}

void Processor::playKey (int key, int velocity) noexcept
{
    const auto place = keyQueue.write (1);
    if (place.blockSize1 > 0)
        keys[static_cast<std::size_t> (place.startIndex1)] = { key, velocity };
}

void Processor::hostShouldReadParameters()
{
    updateHostDisplay (
        ChangeDetails().withParameterInfoChanged (true).withProgramChanged (true));
}

void Processor::timerCallback()
{
    if (instrument.displayIsStale())
        hostShouldReadParameters();
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
