// The algorithm as a diagram: six boxes with live levels, who modulates whom, the feedback loop.
// A click on a box, or arrow keys, select its operator.
#pragma once

#include "AlgorithmLayout.h"
#include "Desk.h"

namespace hexachord
{

class OperatorBox final : public juce::Button, public Polled
{
public:
    OperatorBox (Desk& owner, int operatorNumber);
    void poll() override;
    void paintButton (juce::Graphics& g, bool isOver, bool isDown) override;
    void clicked() override { desk.selectOperator (number); }
    void clicked (const juce::ModifierKeys& keys) override;
    void focusGained (FocusChangeType cause) override;

private:
    bool isCarrier() const;

    int number;
    float level = 0.0f;
    bool isOn = true, wasCarrier = false, ringed = false;
};

class AlgorithmDiagram final : public juce::Component, public Polled
{
public:
    explicit AlgorithmDiagram (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;
    void resized() override;
    void showSelected();

private:
    juce::Rectangle<float> box (int operatorNumber) const;
    void drawModulations (juce::Graphics& g) const;
    void drawFeedback (juce::Graphics& g) const;
    void drawOutput (juce::Graphics& g) const;

    std::array<std::unique_ptr<OperatorBox>, 6> boxes;
    int algorithm = 0;
    bool hasFeedback = false;
    AlgorithmLayout layout;
};

}  // namespace hexachord
