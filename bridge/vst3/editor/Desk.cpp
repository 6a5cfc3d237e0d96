#include "Desk.h"

#include <algorithm>

namespace hexachord
{

Polled::Polled (Desk& owner) : desk (owner)
{
    desk.polled.push_back (this);
}

Polled::~Polled()
{
    desk.polled.erase (std::remove (desk.polled.begin(), desk.polled.end(), this),
                       desk.polled.end());
}

bool Polled::isSeldom() const noexcept
{
    return desk.ticks % 4 == 0;
}

void Desk::poll()
{
    ++ticks;
    if (ticks % 4 == 0 || processor.instrument.isNeural() != neural.has_value())
        look();
    neuralView = processor.meter.neuralView();
    // By index: what is polled may make or remove others.
    for (std::size_t i = 0; i < polled.size(); ++i)
        polled[i]->poll();
}

void Desk::look()
{
    if (const auto problem = processor.instrument.stateProblem(); problem != shownProblem)
    {
        shownProblem = problem;
        if (problem.isNotEmpty())
            say (problem, true);
    }
    const auto now = processor.instrument.neuralSound();
    if (now == neural)
        return;
    neural = now;
    instrumentFacts = {};
    if (neural.has_value())
        for (const auto& facts : processor.instrument.instruments (neural->model))
            if (facts.name == neural->instrument)
                instrumentFacts = facts;
    soundChanged();
}

void Desk::tell (const Outcome& outcome)
{
    look();
    say (outcome.line, outcome.failed);
}

void Desk::selectOperator (int number)
{
    chosenOperator = juce::jlimit (1, 6, number);
    operatorSelected();
}

int parameterNamed (juce::StringRef id)
{
    for (auto i = 0; i < parameterCount; ++i)
        if (id == juce::StringRef (parameterTable[i].id))
            return i;
    jassertfalse;
    return 0;
}

}  // namespace hexachord
