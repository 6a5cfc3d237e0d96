// The live spectrum of a neural instrument: the newest note's harmonics as its network gives them,
// in front of the spectrum of all that comes out.
#pragma once

#include "Desk.h"
#include "OutputAnalysis.h"

namespace hexachord
{

class PartialView final : public juce::Component,
                          public juce::SettableTooltipClient,
                          public Polled
{
public:
    explicit PartialView (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;

private:
    static constexpr int bands = 180;

    bool followOutput();
    bool followPartials();
    juce::Rectangle<float> plot() const;
    void paintGrid (juce::Graphics& g, juce::Rectangle<float> area) const;
    void paintOutput (juce::Graphics& g, juce::Rectangle<float> area) const;
    void paintPartials (juce::Graphics& g, juce::Rectangle<float> area) const;

    OutputAnalysis analysis { bands };

    // Shares of the height, 0 to 1.
    std::array<float, bands> output {};
    std::array<float, NeuralView::mostPartials> partials {};
    float f0Hz = 0.0f;
    int ticks = 0, silentTicks = 0;
};

}  // namespace hexachord
