// What the plug-in knows beside its parameters: the bank, the chosen voice, learned controllers.
// The message thread edits it; the audio thread takes what is new without ever waiting.
#pragma once

#include "MidiInput.h"
#include "Parameters.h"
#include "Voices.h"

#include <juce_core/juce_core.h>

#include <atomic>
#include <vector>

namespace hexachord
{

class Instrument
{
public:
    explicit Instrument (std::vector<Parameter*> allParameters);

    // --- message thread ---------------------------------------------------------------------

    // The voice as it is now, edits included, and the bank that voices are chosen from.
    VoiceData voice() const;
    Bank bank() const;
    int program() const noexcept { return chosen.load(); }
    juce::String bankName() const;

    void setBank (const Bank& newBank, const juce::String& name, int program);
    void setVoice (const VoiceData& newVoice);
    void setBankVoice (int program, const VoiceData& newVoice);

    // Takes the first DX7 dump in `data`: a bank with its first voice, or a single voice. Returns
    // what is wrong in one line, empty if nothing; then nothing has changed.
    juce::String load (const juce::MemoryBlock& data, const juce::String& name);

    // --- any thread -------------------------------------------------------------------------

    // Asks for a voice of the bank; the audio thread takes it with the next block at the latest.
    void chooseProgram (int program) noexcept;

    // Parameters have changed beside the host's back: it should read them anew. Resets the flag.
    bool displayIsStale() noexcept { return stale.exchange (false); }

    LearnedControllers learned;

    // --- audio thread -----------------------------------------------------------------------

    // Keeps a DX7 dump until takeSound finds a free moment to load it; false if it is none.
    bool receive (const std::uint8_t* message, int size) noexcept;

    // Appends an event if there is a new sound: received, chosen, or loaded by the message thread.
    // What the message thread is just changing comes with the next block.
    template <typename Append>
    void takeSound (int sample, Append&& append) noexcept
    {
        const juce::SpinLock::ScopedTryLockType attempt (lock);
        if (attempt.isLocked() && takeWanted())
            append (soundEvent (sample));
    }

    // Appends events for everything that is new since the last block: a sound, then parameters.
    // While the message thread changes the voice, only the other parameters.
    template <typename Append>
    void takeChanges (Append&& append) noexcept
    {
        const juce::SpinLock::ScopedTryLockType attempt (lock);
        if (attempt.isLocked() && takeWanted())
            append (soundEvent());
        const auto settled = attempt.isLocked() ? parameterCount : firstVoiceParameter;
        for (auto i = 0; i < settled; ++i)
        {
            const auto value = parameters[static_cast<std::size_t> (i)]->plain();
            auto& last = sent[static_cast<std::size_t> (i)];
            if (value != last)
                append (parameterEvent (i, last = value));
        }
    }

    // Lets parameters show what MIDI controllers have set in the engine.
    void showChanges (const Engine& engine) noexcept;

    // The engine starts from its defaults and the present patch: all other values count as new.
    void startAnew() noexcept;

    const Patch& patch() const noexcept { return current; }

private:
    bool takeWanted() noexcept;
    void markPatchSent() noexcept;
    void loadReceived() noexcept;
    void applyRequested() noexcept;
    void apply (const VoiceData& newVoice) noexcept;
    VoiceData present() const noexcept;

    std::vector<Parameter*> parameters;
    mutable juce::SpinLock lock;

    // Guarded by the lock.
    Bank voices;
    std::array<std::uint8_t, nameSize> voiceName {};
    juce::String nameOfBank;
    bool bankCameAsMidi = false;
    Patch wanted {};
    bool soundIsNew = true;

    std::atomic<int> chosen { 0 };
    std::atomic<int> requested { -1 };
    std::atomic<bool> stale { false };

    // The audio thread's own.
    Patch current {};
    std::array<float, parameterCount> sent {};
    BankDump receivedBank {};
    SingleDump receivedVoice {};
    bool bankWaits = false, voiceWaits = false;
};

}  // namespace hexachord
