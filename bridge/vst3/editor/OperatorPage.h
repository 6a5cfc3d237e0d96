// The algorithm and the operator that is selected in it. On a DDX7 model, whose network makes the
// envelopes, the levels that it plays stand in the envelope's place.
#pragma once

#include "AlgorithmDiagram.h"
#include "EnvelopeView.h"
#include "LevelTrace.h"
#include "ParameterGrid.h"

namespace hexachord
{

class OperatorPage final : public juce::Component, public Polled
{
public:
    explicit OperatorPage (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;
    void resized() override;

    // The operator of the desk has changed.
    void showSelected();

    // Another sound was chosen.
    void showSound();

private:
    std::vector<Cell> cells() const;
    juce::String frequencyText() const;
    float ratio() const;
    void markUsed();

    AlgorithmDiagram diagram;
    ParameterGrid voice;
    EnvelopeView envelope;
    LevelTrace trace;
    Bar level;
    Switch isOn;
    ParameterGrid grid;
    juce::String shownFrequency;
};

}  // namespace hexachord
