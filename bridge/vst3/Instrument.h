// What the plug-in knows beside its parameters: the bank and its chosen voice, or the neural
// instrument that plays in its place, learned controllers. The message thread edits it; the audio
// thread takes what is new without ever waiting.
#pragma once

#include "Meter.h"
#include "MidiInput.h"
#include "ModelList.h"
#include "Parameters.h"
#include "Voices.h"

#include <juce_core/juce_core.h>

#include <atomic>
#include <optional>
#include <vector>

namespace hexachord
{

// An instrument of a model: of the bundled one, or of a user's file by its path.
struct NeuralSound
{
    juce::String model, instrument;

    bool operator== (const NeuralSound& other) const
    {
        return model == other.model && instrument == other.instrument;
    }
};

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

    // --- message thread: neural instruments ---------------------------------------------------

    // They play in place of the voice, which stays as it is below them unless a DDX7 model brings its
    // own; whatever chooses or loads a voice goes back to it. Each of these returns what is wrong in
    // one line, empty if nothing; then the sound that played goes on playing. A model is "" or the
    // path of a user's file.
    juce::String chooseInstrument (const juce::String& name) { return choose ({ {}, name }); }
    juce::String choose (const NeuralSound& sound);
    juce::String loadModel (const juce::File& file, const juce::String& instrument = {});

    // For undo: what neuralSound told, or none, which goes back to the voice below.
    void restore (const std::optional<NeuralSound>& sound);

    // What plays, if it is a neural instrument.
    std::optional<NeuralSound> neuralSound() const;
    bool isNeural() const noexcept { return neural.load(); }

    juce::StringArray bundledInstruments() const;
    juce::StringArray models() const { return list.paths(); }
    std::vector<InstrumentFacts> instruments (const juce::String& model) const;

    // What the present sound usually has: of the six controls and the voice mode, and of a DDX7 model's
    // voice; of all other parameters, their default.
    float typical (int parameter) const;

    // The name of the instrument that a meter saw sounding; empty if none did.
    juce::String nameOf (const NeuralView& view) const;

    // The neural sound as a state keeps it; no instrument if there is none.
    SavedModel savedModel() const;

    // What a state asks for, ready to be played; none if it cannot be had: then it is kept for the
    // next saving, until another sound is chosen. The line tells what was wrong with the last state, or
    // with a sound that undo could not bring back.
    struct Playable
    {
        ModelPointer model;
        int row = 0;
    };
    std::optional<Playable> find (const SavedModel& saved);
    juce::String play (const Playable& sound);
    juce::String stateProblem() const;
    void tellProblem (const juce::String& line);
    void clearStateProblem();

    // --- any thread -------------------------------------------------------------------------

    // Asks for a voice of the bank; the audio thread takes it with the next block at the latest.
    void chooseProgram (int program) noexcept;

    // Parameters have changed beside the host's back: it should read them anew. Resets the flag.
    bool displayIsStale() noexcept { return stale.exchange (false); }

    LearnedControllers learned;

    // --- audio thread -----------------------------------------------------------------------

    // Keeps a DX7 dump until takeSound finds a free moment to load it; false if it is none.
    bool receive (const std::uint8_t* message, int size) noexcept;

    // Appends events if there is a new sound: received, chosen, or loaded by the message thread.
    // What the message thread is just changing comes with the next block.
    template <typename Append>
    void takeSound (int sample, Append&& append) noexcept
    {
        const juce::SpinLock::ScopedTryLockType attempt (lock);
        if (attempt.isLocked())
            appendSound (takeWanted(), sample, append);
    }

    // Appends events for everything that is new since the last block: a sound, then parameters.
    // While the message thread changes the sound, only parameters that it leaves alone.
    template <typename Append>
    void takeChanges (Append&& append) noexcept
    {
        const juce::SpinLock::ScopedTryLockType attempt (lock);
        if (attempt.isLocked())
            appendSound (takeWanted(), 0, append);
        const auto settled = attempt.isLocked() ? parameterCount : firstVoiceParameter;
        for (auto i = 0; i < settled; ++i)
        {
            if (soundWaits && hasTypical (i))
                continue;
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
    const ModelSlots& slots() const noexcept { return slotBook; }

private:
    // The neural sound for the notes to come: no slot if the voice plays.
    struct Chosen
    {
        int slot = -1, row = 0;
        std::array<float, controlCount> typical {};
        std::optional<Patch> patch {};

        bool isSame (const Chosen& other) const noexcept
        {
            return slot == other.slot && (slot < 0 || row == other.row);
        }
        float typicalOf (int parameter) const noexcept;
    };

    // Which parameters a sound moves: the six controls and the voice mode.
    static constexpr bool hasTypical (int index) noexcept
    {
        return index < controlCount || index == parameter::voiceMode;
    }

    // What takeWanted has taken that the engine does not know.
    struct Taken
    {
        bool isVoice = false, isModel = false;
    };

    template <typename Append>
    void appendSound (Taken taken, int sample, Append&& append) noexcept
    {
        if (taken.isVoice)
            append (soundEvent (sample));
        if (taken.isModel)
            append (modelEvent (playing.slot, playing.row, sample));
    }

    Taken takeWanted() noexcept;
    void markPatchSent() noexcept;
    void loadReceived() noexcept;
    void applyRequested() noexcept;
    void apply (const VoiceData& newVoice) noexcept;
    void select (const Chosen& sound) noexcept;
    void engineTakes (const Chosen& sound) noexcept;
    VoiceData present() const noexcept;
    juce::String unknown (const NeuralSound& sound) const;

    std::vector<Parameter*> parameters;
    mutable juce::SpinLock lock;

    // Guarded by the lock.
    Bank voices;
    std::array<std::uint8_t, nameSize> voiceName {};
    juce::String nameOfBank;
    bool bankCameAsMidi = false;
    Patch wanted {};
    bool soundIsNew = true;
    Chosen wantedModel;
    ModelSlots slotBook;

    std::atomic<int> chosen { 0 };
    std::atomic<int> requested { -1 };
    std::atomic<bool> stale { false }, neural { false };

    // From when a sound begins to move parameters until the audio thread has taken it.
    std::atomic<bool> soundWaits { false };

    // Guarded by the mutex, which the audio thread never takes. What a state asked for in vain
    // stands until a sound is chosen.
    ModelList list;
    mutable std::mutex mutex;
    SavedModel unavailable;
    juce::String problem;
    std::atomic<bool> unavailableStands { false };

    // The audio thread's own.
    Patch current {};
    Chosen playing;
    std::array<float, parameterCount> sent {};
    BankDump receivedBank {};
    SingleDump receivedVoice {};
    bool bankWaits = false, voiceWaits = false;
};

}  // namespace hexachord
