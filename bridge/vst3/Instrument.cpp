#include "Instrument.h"

#include <algorithm>
#include <cstring>

namespace hexachord
{

Instrument::Instrument (std::vector<Parameter*> allParameters)
    : parameters (std::move (allParameters)), voices (initialBank())
{
    apply (voices.voices[0]);
    startAnew();
}

VoiceData Instrument::present() const noexcept
{
    VoiceData data {};
    for (auto i = 0; i < storedFieldCount; ++i)
    {
        const auto shown = parameters[static_cast<std::size_t> (firstVoiceParameter + i)]->plain();
        data[static_cast<std::size_t> (i)] = static_cast<std::uint8_t> (
            juce::jlimit (0,
                          fieldTable[i].maximum,
                          juce::roundToInt (shown) - fieldTable[i].shownFrom));
    }
    std::copy (voiceName.begin(), voiceName.end(), data.begin() + vcedNameOffset);
    return data;
}

VoiceData Instrument::voice() const
{
    const juce::SpinLock::ScopedLockType hold (lock);
    return present();
}

Bank Instrument::bank() const
{
    const juce::SpinLock::ScopedLockType hold (lock);
    return voices;
}

juce::String Instrument::bankName() const
{
    return nameOfBank;
}

void Instrument::setBank (const Bank& newBank, const juce::String& name, int program)
{
    nameOfBank = name;
    const juce::SpinLock::ScopedLockType hold (lock);
    voices = newBank;
    requested = -1;
    chosen = juce::jlimit (0, voicesPerBank - 1, program);
    apply (voices.voices[static_cast<std::size_t> (chosen.load())]);
}

void Instrument::setVoice (const VoiceData& newVoice)
{
    const juce::SpinLock::ScopedLockType hold (lock);
    apply (newVoice);
}

void Instrument::setBankVoice (int program, const VoiceData& newVoice)
{
    const juce::SpinLock::ScopedLockType hold (lock);
    voices.voices[static_cast<std::size_t> (juce::jlimit (0, voicesPerBank - 1, program))] = newVoice;
}

juce::String Instrument::load (const juce::MemoryBlock& data, const juce::String& name)
{
    const auto* bytes = static_cast<const std::uint8_t*> (data.getData());
    auto newVoice = initialVoice();
    auto newBank = initialBank();
    if (readHeaderlessBank (bytes, data.getSize(), newBank))
    {
        setBank (newBank, name, 0);
        return {};
    }
    const auto found = readDump (bytes, data.getSize(), 0, newVoice, newBank);
    if (found.kind == DumpKind::none)
        return name + ": expected a DX7 voice or bank (.syx), found none in "
             + juce::String (data.getSize()) + " bytes";
    if (found.kind == DumpKind::bank)
        setBank (newBank, name, 0);
    else
        setVoice (newVoice);
    return {};
}

void Instrument::chooseProgram (int program) noexcept
{
    requested = juce::jlimit (0, voicesPerBank - 1, program);
    const juce::SpinLock::ScopedTryLockType attempt (lock);
    if (attempt.isLocked())
        applyRequested();
}

void Instrument::receive (const std::uint8_t* message, int size) noexcept
{
    if (size <= 0 || static_cast<std::size_t> (size) > received.size())
        return;
    std::memcpy (received.data(), message, static_cast<std::size_t> (size));
    receivedSize = static_cast<std::size_t> (size);
}

void Instrument::loadReceived() noexcept
{
    if (receivedSize == 0)
        return;
    VoiceData newVoice {};
    Bank newBank;
    const auto found = readDump (received.data(), receivedSize, 0, newVoice, newBank);
    receivedSize = 0;
    if (found.kind == DumpKind::bank)
    {
        voices = newBank;
        requested = chosen.load();
    }
    else if (found.kind == DumpKind::single)
    {
        apply (newVoice);
    }
}

void Instrument::applyRequested() noexcept
{
    const auto program = requested.exchange (-1);
    if (program >= 0)
    {
        chosen = program;
        apply (voices.voices[static_cast<std::size_t> (program)]);
    }
}

void Instrument::apply (const VoiceData& newVoice) noexcept
{
    wanted = patchOf (newVoice);
    for (auto i = 0; i < fieldCount; ++i)
        parameters[static_cast<std::size_t> (firstVoiceParameter + i)]->setPlain (
            wanted[static_cast<std::size_t> (i)] + static_cast<float> (fieldTable[i].shownFrom));
    std::copy_n (newVoice.begin() + vcedNameOffset, nameSize, voiceName.begin());
    soundIsNew = true;
    stale = true;
}

void Instrument::showChanges (const Engine& engine) noexcept
{
    for (auto i = 0; i < parameterCount; ++i)
    {
        const auto value = engine.target (i);
        auto& last = sent[static_cast<std::size_t> (i)];
        if (value != last)
        {
            parameters[static_cast<std::size_t> (i)]->setPlain (last = value);
            stale = true;
        }
    }
}

void Instrument::startAnew() noexcept
{
    for (auto i = 0; i < parameterCount; ++i)
        sent[static_cast<std::size_t> (i)] = parameterTable[i].defaultValue;
    current = wanted;
    for (auto i = 0; i < fieldCount; ++i)
        sent[static_cast<std::size_t> (firstVoiceParameter + i)] =
            current[static_cast<std::size_t> (i)] + static_cast<float> (fieldTable[i].shownFrom);
    soundIsNew = false;
}

}  // namespace hexachord
