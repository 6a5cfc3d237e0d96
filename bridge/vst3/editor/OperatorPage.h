// The algorithm and the operator that is selected in it.
#pragma once

#include "AlgorithmDiagram.h"
#include "EnvelopeView.h"
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

private:
    std::vector<Cell> cells() const;
    juce::String frequencyText() const;

    AlgorithmDiagram diagram;
    ParameterGrid voice;
    EnvelopeView envelope;
    Bar level;
    Switch isOn;
    ParameterGrid grid;
    juce::String shownFrequency;
};

}  // namespace hexachord
