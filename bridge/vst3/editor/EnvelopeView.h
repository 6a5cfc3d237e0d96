// An envelope to look at and to pull: a point moves its level up and down, its rate left and right.
#pragma once

#include "EnvelopeShape.h"
#include "Gesture.h"

#include <optional>

namespace hexachord
{

class EnvelopeView final : public juce::Component, public juce::SettableTooltipClient, public Polled
{
public:
    // The four rates stand in the parameter table from `firstRate` on, the levels right behind.
    EnvelopeView (Desk& owner, EnvelopeKind shownKind, int firstRate);
    void show (int newFirstRate);

    void poll() override;
    void paint (juce::Graphics& g) override;
    void mouseMove (const juce::MouseEvent& event) override;
    void mouseExit (const juce::MouseEvent& event) override;
    void mouseDown (const juce::MouseEvent& event) override;
    void mouseDrag (const juce::MouseEvent& event) override;
    void mouseUp (const juce::MouseEvent& event) override;

private:
    EnvelopeSettings settings() const;
    juce::Rectangle<float> plot() const;
    float heightAt (int level) const;
    // The start, the ends of segments 1 to 3, key up, the end of segment 4.
    std::array<juce::Point<float>, 6> corners() const;
    juce::Point<float> handle (int segment) const;
    int handleAt (juce::Point<float> place) const;
    juce::Path curve() const;

    EnvelopeKind kind;
    int first;
    EnvelopeSettings shown;
    int near = -1, held = -1;
    juce::Point<int> lastDrag;
    float rate = 0.0f, level = 0.0f;
    std::optional<Gesture> rateGesture, levelGesture;
};

}  // namespace hexachord
