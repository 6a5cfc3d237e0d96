#include "Instrument.h"

#include <algorithm>

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
    juce::String name;
    auto received = false;
    {
        const juce::SpinLock::ScopedLockType hold (lock);
        name = nameOfBank;
        received = bankCameAsMidi;
    }
    return received ? "received by MIDI" : name;
}

void Instrument::setBank (const Bank& newBank, const juce::String& name, int program)
{
    auto nameToKeep = name;
    const juce::SpinLock::ScopedLockType hold (lock);
    nameOfBank.swapWith (nameToKeep);
    bankCameAsMidi = false;
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

bool Instrument::receive (const std::uint8_t* message, int size) noexcept
{
    switch (kindOf (message, static_cast<std::size_t> (size)))
    {
        case DumpKind::bank:
            std::copy_n (message, receivedBank.size(), receivedBank.begin());
            bankWaits = true;
            voiceWaits = false;
            return true;
        case DumpKind::single:
            std::copy_n (message, receivedVoice.size(), receivedVoice.begin());
            voiceWaits = true;
            return true;
        case DumpKind::none:
            break;
    }
    return false;
}

void Instrument::loadReceived() noexcept
{
    VoiceData newVoice {};
    if (bankWaits)
    {
        readDump (receivedBank.data(), receivedBank.size(), 0, newVoice, voices);
        bankCameAsMidi = true;
        if (requested < 0)
            requested = chosen.load();
        applyRequested();
    }
    if (voiceWaits)
    {
        Bank unused;
        readDump (receivedVoice.data(), receivedVoice.size(), 0, newVoice, unused);
        apply (newVoice);
    }
    bankWaits = voiceWaits = false;
}

Instrument::Taken Instrument::takeWanted() noexcept
{
    loadReceived();
    applyRequested();
    const auto isOtherModel = ! wantedModel.isSame (playing);
    const Taken taken { soundIsNew || (isOtherModel && wantedModel.slot < 0),
                        isOtherModel && wantedModel.slot >= 0 };
    if (soundIsNew)
        current = wanted;
    soundIsNew = soundWaits = false;
    if (taken.isVoice)
    {
        // An event of a voice ends the neural sound: it has to be told again.
        markPatchSent();
        engineTakes ({});
    }
    if (wantedModel.slot >= 0 && (taken.isVoice || taken.isModel))
    {
        engineTakes (wantedModel);
        slotBook.addPlaying (wantedModel.slot);
        return { taken.isVoice, true };
    }
    return taken;
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
    select ({});
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
    const juce::SpinLock::ScopedTryLockType attempt (lock);
    if (attempt.isLocked())
        slotBook.setPlaying (engine.slotsInUse() | (playing.slot < 0 ? 0u : 1u << playing.slot));
}

void Instrument::startAnew() noexcept
{
    {
        const juce::SpinLock::ScopedTryLockType attempt (lock);
        if (attempt.isLocked())
            takeWanted();
    }
    for (auto i = 0; i < parameterCount; ++i)
        sent[static_cast<std::size_t> (i)] = parameterTable[i].defaultValue;
    markPatchSent();
    // The engine knows of no model yet.
    playing = {};
}

void Instrument::markPatchSent() noexcept
{
    for (auto i = 0; i < fieldCount; ++i)
        sent[static_cast<std::size_t> (firstVoiceParameter + i)] =
            current[static_cast<std::size_t> (i)] + static_cast<float> (fieldTable[i].shownFrom);
}

}  // namespace hexachord
