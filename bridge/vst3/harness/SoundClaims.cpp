#include "Claims.h"

#include "Rig.h"

#include <algorithm>
#include <limits>

namespace hexachord
{
namespace
{

constexpr int block = 64;
constexpr int length = 9600;

const std::uint8_t generalMidiOn[] = { 0xF0, 0x7E, 0x7F, 0x09, 0x01, 0xF7 };

using Audio = std::vector<float>;

void chooseProgram (Rig& rig, int program, int at = 0)
{
    const std::uint8_t bytes[] = { 0xC0, static_cast<std::uint8_t> (program) };
    rig.send (bytes, 2, at);
}

Audio noteOf (Rig& rig, int samplesPerBlock = block)
{
    rig.note (60, 100);
    return rig.record (length, samplesPerBlock);
}

Audio noteOfProgram (int program)
{
    Rig rig;
    rig.processor.setCurrentProgram (program);
    rig.render (0);
    return noteOf (rig);
}

Bank lastBank()
{
    const auto voices = bundledVoices();
    Bank bank;
    std::copy (voices.end() - voicesPerBank, voices.end(), bank.voices.begin());
    return bank;
}

double distance (const Audio& one, const Audio& other)
{
    auto largest = 0.0;
    for (std::size_t i = 0; i < std::min (one.size(), other.size()); ++i)
        largest = std::max (largest, static_cast<double> (std::abs (one[i] - other[i])));
    return largest;
}

// Notes, pedal, bends and programs at odd times; the same whatever the blocks.
Audio performance (int samplesPerBlock)
{
    Rig rig;
    Audio out;
    for (auto begin = 0; begin < 4 * length; begin += samplesPerBlock)
    {
        const auto now = std::min (samplesPerBlock, 4 * length - begin);
        for (auto i = 0; i < 64; ++i)
        {
            const auto at = 601 * i - begin;
            if (at < 0 || at >= now)
                continue;
            if (i % 8 == 0)
                chooseProgram (rig, i / 2, at);
            rig.note (40 + 5 * i % 40, i % 3 == 2 ? 0 : 100, at);
            rig.controller (i % 4 == 0 ? 64 : 1, 17 * i % 128, at);
        }
        rig.render (now);
        for (auto i = 0; i < now; ++i)
            out.push_back (rig.sample (i));
    }
    return out;
}

void checkRates (Report& report)
{
    for (const auto rate : { 22050.0, 44100.0, 96000.0, 192000.0 })
    {
        Rig rig;
        rig.processor.instrument.setVoice (plainVoice());
        rig.note (69, 100);
        rig.record (block);
        rig.processor.prepareToPlay (rate, block);
        rig.note (69, 100);
        const auto audio = rig.record (static_cast<int> (rate));
        auto cycles = 0;
        for (std::size_t i = 1; i < audio.size(); ++i)
            cycles += audio[i - 1] < 0.0f && audio[i] >= 0.0f;
        report.claim ("A4 has 440 cycles in a second after a change to " + std::to_string (rate) + " Hz",
                      std::abs (cycles - 440) <= 1,
                      std::to_string (cycles));
    }
    for (const auto rate : { 0.0, -1.0, 1.0, 1e12, std::numeric_limits<double>::quiet_NaN() })
    {
        Rig rig;
        rig.processor.prepareToPlay (rate, block);
        noteOf (rig);
        report.claim ("a sample rate of " + std::to_string (rate) + " Hz does no harm", rig.nonFinite == 0);
    }
}

void checkDumps (Report& report)
{
    const auto bank = lastBank();
    const auto dump = bankDump (bank);
    const auto wanted = nameOf (bank.voices[0]);
    const auto firstName = [] (Rig& rig) { return rig.processor.getProgramName (0); };
    const auto isWanted = [&] (Rig& rig)
    { return firstName (rig) == juce::String (wanted.data()).trimEnd(); };
    {
        Rig rig;
        rig.send (generalMidiOn, sizeof generalMidiOn);
        rig.send (dump.data(), dump.size());
        rig.send (generalMidiOn, sizeof generalMidiOn);
        rig.render (block);
        report.claim ("a bank among other sysex of its block loads",
                      isWanted (rig),
                      firstName (rig).toStdString());
    }
    {
        Rig rig;
        rig.send (dump.data(), dump.size());
        rig.send (plainVoice());
        rig.render (block);
        report.claim ("a bank and then a voice in one block both load",
                      isWanted (rig)
                          && std::string (nameOf (rig.processor.instrument.voice()).data())
                                 == std::string ("PLAIN     "),
                      firstName (rig).toStdString());
    }
    {
        Rig rig;
        juce::MemoryBlock before, after;
        rig.processor.getStateInformation (before);
        for (const auto size : { 2, 6, 7, 100, 162, 4103 })
        {
            auto cut = dump;
            cut[static_cast<std::size_t> (size - 1)] = 0xF7;
            rig.send (cut.data(), static_cast<std::size_t> (size));
        }
        rig.render (block);
        rig.processor.getStateInformation (after);
        report.claim ("broken dumps change nothing", before == after);
    }
}

void checkSameBlock (Report& report)
{
    const auto third = noteOfProgram (3);
    {
        Rig rig;
        chooseProgram (rig, 3);
        report.claim ("a note plays the program chosen right before it",
                      noteOf (rig) == third && third != noteOfProgram (0));
    }
    {
        Rig rig, known;
        known.processor.instrument.setVoice (plainVoice());
        known.render (0);
        rig.send (plainVoice());
        report.claim ("a note plays the dump that came right before it", noteOf (rig) == noteOf (known));
    }
    {
        Rig rig;
        chooseProgram (rig, 3);
        rig.note (60, 100);
        chooseProgram (rig, 7, 32);
        const auto apart = distance (rig.record (length), third);
        report.claim ("a sounding note keeps its program", apart == 0.0, std::to_string (apart));
    }
}

}  // namespace

void checkBlocks (Report& report)
{
    const auto reference = performance (block);
    for (const auto samples : { 1, 7, 441, 512, 4096, 8192 })
    {
        const auto apart = distance (performance (samples), reference);
        report.claim ("blocks of " + std::to_string (samples) + " samples sound like blocks of 64",
                      apart == 0.0,
                      std::to_string (apart));
    }
    checkRates (report);
}

void checkSounds (Report& report)
{
    checkSameBlock (report);
    checkDumps (report);
}

namespace
{

juce::MemoryBlock stateOf (Processor& processor)
{
    juce::MemoryBlock state;
    processor.getStateInformation (state);
    return state;
}

void restore (Processor& processor, const juce::MemoryBlock& state)
{
    processor.setStateInformation (state.getData(), static_cast<int> (state.getSize()));
}

}  // namespace

void checkStates (Report& report)
{
    Processor one;
    one.instrument.setBank (lastBank(), "last", 5);
    for (auto* parameter : one.allParameters())
        parameter->setValue (0.3f);
    one.instrument.learned.assign (22, 3);
    const auto state = stateOf (one);
    report.claim ("a state saved twice has the same bytes", state == stateOf (one));
    Processor other;
    restore (other, state);
    report.claim ("a state restored and saved again has the same bytes", state == stateOf (other));

    juce::Random random (3);
    auto unharmed = true;
    for (auto i = 0; i < 200; ++i)
    {
        juce::MemoryBlock garbage (static_cast<std::size_t> (random.nextInt (5000)));
        for (auto& byte : garbage)
            byte = static_cast<char> (random.nextInt (256));
        restore (other, garbage);
        auto cut = state;
        cut.setSize (static_cast<std::size_t> (random.nextInt (static_cast<int> (state.getSize() / 2))));
        restore (other, cut);
        unharmed = unharmed && state == stateOf (other);
    }
    report.claim ("garbage and cut states leave all as it was", unharmed);

    for (auto i = 0; i < 200; ++i)
    {
        auto damaged = state;
        for (auto k = 0; k < 4; ++k)
            damaged[random.nextInt (static_cast<int> (state.getSize()))] = static_cast<char> (random.nextInt (256));
        restore (other, damaged);
    }
    auto xml = juce::AudioProcessor::getXmlFromBinary (state.getData(), static_cast<int> (state.getSize()));
    auto* values = xml->getChildByName ("parameters");
    for (const auto* text : { "nan", "inf", "1e999", "-1e30", "loud", "" })
        for (auto i = 0; i < values->getNumAttributes(); ++i)
        {
            values->setAttribute (values->getAttributeName (i), text);
            juce::MemoryBlock strange;
            juce::AudioProcessor::copyXmlToBinary (*xml, strange);
            restore (other, strange);
        }
    auto finite = true;
    for (const auto* parameter : other.allParameters())
        finite = finite && std::isfinite (parameter->plain()) && std::isfinite (parameter->getValue());
    report.claim ("values that are no numbers leave parameters in range", finite);

    xml = juce::AudioProcessor::getXmlFromBinary (state.getData(), static_cast<int> (state.getSize()));
    xml->setAttribute ("version", 1000);
    xml->setAttribute ("invented_later", "yes");
    xml->createNewChildElement ("invented_later");
    juce::MemoryBlock newer;
    juce::AudioProcessor::copyXmlToBinary (*xml, newer);
    restore (other, newer);
    report.claim ("a state of a newer version gives what is known of it", state == stateOf (other));
}

}  // namespace hexachord
