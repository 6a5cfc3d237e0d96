#include "Rig.h"

#include <BinaryData.h>

#include <limits>

namespace hexachord
{
namespace
{

constexpr int fieldsPerOperator = 21;
constexpr std::size_t midiRoom = 1 << 20;

}  // namespace

Rig::Rig (double sampleRate, int outputCount) : outputs (outputCount), buffer (2, longestBlock)
{
    midi.ensureSize (midiRoom);
    processor.setPlayHead (this);
    processor.setRateAndBufferSizeDetails (sampleRate, longestBlock);
    processor.prepareToPlay (sampleRate, longestBlock);
}

juce::Optional<juce::AudioPlayHead::PositionInfo> Rig::getPosition() const
{
    PositionInfo position;
    position.setBpm (tempoBpm);
    position.setPpqPosition (beat);
    return position;
}

void Rig::render (int samples, const std::function<void()>& during)
{
    // Whatever a host leaves in its buffer must not come through.
    for (auto channel = 0; channel < outputs; ++channel)
        juce::FloatVectorOperations::fill (
            buffer.getWritePointer (channel), std::numeric_limits<float>::quiet_NaN(), samples);
    juce::AudioBuffer<float> block (buffer.getArrayOfWritePointers(), outputs, samples);
    const auto before = hexachord_counted();
    hexachord_watch_begin();
    if (during)
        during();
    processor.processBlock (block, midi);
    hexachord_watch_end();
    const auto after = hexachord_counted();
    counts.heap += after.heap - before.heap;
    counts.locks += after.locks - before.locks;
    counts.system_calls += after.system_calls - before.system_calls;
    counts.first_system_call = after.first_system_call;
    midi.clear();
    if (outputs == 0)
        return;
    const auto* first = buffer.getReadPointer (0);
    const auto* last = buffer.getReadPointer (outputs - 1);
    for (auto i = 0; i < samples; ++i)
    {
        nonFinite += ! std::isfinite (first[i]);
        unlikeChannels += ! (first[i] == last[i]);
        peak = std::max (peak, std::abs (first[i]));
    }
}

std::vector<float> Rig::record (int samples, int block)
{
    std::vector<float> out;
    out.reserve (static_cast<std::size_t> (samples));
    while (static_cast<int> (out.size()) < samples)
    {
        const auto now = std::min (block, samples - static_cast<int> (out.size()));
        render (now);
        out.insert (out.end(), buffer.getReadPointer (0), buffer.getReadPointer (0) + now);
    }
    return out;
}

void Rig::note (int key, int velocity, int at, int channel)
{
    const auto status = static_cast<std::uint8_t> (0x90 + channel - 1);
    const std::uint8_t bytes[] = { status,
                                   static_cast<std::uint8_t> (key),
                                   static_cast<std::uint8_t> (velocity) };
    send (bytes, 3, at);
}

void Rig::controller (int number, int value, int at, int channel)
{
    const auto status = static_cast<std::uint8_t> (0xB0 + channel - 1);
    const std::uint8_t bytes[] = { status,
                                   static_cast<std::uint8_t> (number),
                                   static_cast<std::uint8_t> (value) };
    send (bytes, 3, at);
}

void Rig::send (const std::uint8_t* bytes, std::size_t size, int at)
{
    midi.addEvent (bytes, static_cast<int> (size), at);
}

void Rig::send (const VoiceData& voice, int at)
{
    const auto dump = singleDump (voice);
    send (dump.data(), dump.size(), at);
}

void onAudioThread (const std::function<void()>& what)
{
    std::thread thread ([&]
                        {
                            hexachord_watch_thread();
                            what();
                        });
    thread.join();
}

VoiceData plainVoice()
{
    auto voice = initialVoice();
    for (auto op = 0; op < 6; ++op)
        for (auto rate = 0; rate < 4; ++rate)
            voice[static_cast<std::size_t> (fieldsPerOperator * op + rate)] = 99;
    setName (voice, "PLAIN");
    return voice;
}

std::vector<VoiceData> bundledVoices()
{
    std::vector<VoiceData> voices;
    for (auto i = 0; i < BinaryData::namedResourceListSize; ++i)
    {
        if (! juce::String (BinaryData::originalFilenames[i]).endsWith (".syx"))
            continue;
        auto size = 0;
        const auto* data = reinterpret_cast<const std::uint8_t*> (
            BinaryData::getNamedResource (BinaryData::namedResourceList[i], size));
        VoiceData unused {};
        Bank bank;
        if (readDump (data, static_cast<std::size_t> (size), 0, unused, bank).kind == DumpKind::bank)
            voices.insert (voices.end(), bank.voices.begin(), bank.voices.end());
    }
    return voices;
}

}  // namespace hexachord
