// Undo and redo of all that the editor changes: snapshots of the sound and of every parameter.
// Message thread only. Going back writes no automation: the host is told to read anew.
#pragma once

#include "Processor.h"

namespace hexachord
{

struct Snapshot
{
    Bank bank;
    juce::String bankName;
    int program = 0;
    VoiceData voice {};
    std::array<float, parameterCount> values {};

    // The neural instrument that plays in the voice's place, if one does.
    std::optional<NeuralSound> neural {};

    bool hasSameBank (const Snapshot& other) const;
    bool operator== (const Snapshot& other) const;
};

class History
{
public:
    explicit History (Processor& owner) : processor (owner) {}

    Snapshot present() const;
    void restore (const Snapshot& snapshot);

    // Keeps the present before it changes. Changes of the same parameter that follow each other
    // quickly, as those of a mouse wheel do, are one step.
    void remember (int parameter = noParameter);

    // Keeps a snapshot that was taken before a change which has succeeded.
    void remember (const Snapshot& before);

    bool canUndo() const { return ! past.empty(); }
    bool canRedo() const { return ! future.empty(); }
    void undo() { move (past, future); }
    void redo() { move (future, past); }

private:
    void move (std::vector<Snapshot>& from, std::vector<Snapshot>& to);

    Processor& processor;
    std::vector<Snapshot> past, future;
    int lastParameter = noParameter;
    juce::uint32 lastTimeMs = 0;
};

}  // namespace hexachord
