// What comes out: a small spectrum and a level meter. They rest while all is silent.
#pragma once

#include "Desk.h"
#include "OutputAnalysis.h"

namespace hexachord
{

class Spectrum final : public juce::Component, public juce::SettableTooltipClient, public Polled
{
public:
    explicit Spectrum (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;

private:
    static constexpr int bands = 56;

    OutputAnalysis analysis { bands };
    // Shares of the height, 0 to 1.
    std::array<float, bands> heights {};
    int ticks = 0, silentTicks = 0;
};

class LevelMeter final : public juce::Component, public juce::SettableTooltipClient, public Polled
{
public:
    explicit LevelMeter (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;

private:
    float level = 0.0f, shownLevel = 0.0f, held = 0.0f;
    int heldTicks = 0;
    bool hasClipped = false;
};

}  // namespace hexachord
