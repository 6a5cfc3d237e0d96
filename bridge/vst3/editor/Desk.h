// What all parts of the editor share: the processor, the history, the operator in view, a line to
// the user, and one clock that asks what has changed.
#pragma once

#include "History.h"
#include "Sounds.h"

#include <functional>

namespace hexachord
{

class Desk;

// Something that shows what may change behind its back. It looks thirty times a second while it
// is on screen, and repaints only what differs.
class Polled
{
public:
    explicit Polled (Desk& owner);
    virtual ~Polled();
    virtual void poll() = 0;

protected:
    // True every fourth time: often enough for what costs more than a look at a number.
    bool isSeldom() const noexcept;

    Desk& desk;

    JUCE_DECLARE_NON_COPYABLE (Polled)
};

class Desk
{
public:
    explicit Desk (Processor& owner) : processor (owner), history (owner), sounds (owner, history)
    {}

    void poll();

    // The neural instrument that is chosen, none on a DX7 voice; what its model says of it; what of
    // it sounds. As of the last look or poll.
    const std::optional<NeuralSound>& neuralSound() const noexcept { return neural; }
    const InstrumentFacts& facts() const noexcept { return instrumentFacts; }
    const NeuralView& view() const noexcept { return neuralView; }
    bool isNeuralSounding() const noexcept { return neuralView.slot >= 0; }

    // Whether it is of a DDX7 model: a network that plays the operators of a DX7 voice.
    bool isDdx7() const noexcept { return instrumentFacts.patch.has_value(); }
    void look();

    // Operators are numbered from 1.
    int selectedOperator() const noexcept { return chosenOperator; }
    void selectOperator (int number);

    // Writes the status line; a line may report a failure.
    std::function<void (const juce::String& line, bool isFailure)> say = [] (auto&, auto) {};
    std::function<void()> operatorSelected = [] {};

    // Says what came of an action on sounds, and looks what plays now.
    void tell (const Outcome& outcome);

    // Another sound was chosen, by anybody.
    std::function<void()> soundChanged = [] {};

    Processor& processor;
    History history;
    Sounds sounds;

private:
    friend class Polled;
    std::vector<Polled*> polled;
    int ticks = 0;
    int chosenOperator = 1;
    std::optional<NeuralSound> neural;
    InstrumentFacts instrumentFacts;
    NeuralView neuralView;
    juce::String shownProblem;
};

// Where a parameter of operator 1..6 stands in the table: `field` counts from the operator's first
// in voice order (EG rate 1 is 0, detune 20).
inline constexpr int operatorFieldCount = 21;

constexpr int operatorParameter (int number, int field) noexcept
{
    return firstVoiceParameter + (6 - number) * operatorFieldCount + field;
}

constexpr int operatorSwitch (int number) noexcept
{
    return firstVoiceParameter + storedFieldCount + number - 1;
}

// The index of a parameter by its id; the id must exist.
int parameterNamed (juce::StringRef id);

}  // namespace hexachord
