// The six operator levels of the newest DDX7 note over the last seconds, as its network plays them,
// edits included: the envelopes that a recording has taught it. They stand still in silence.
#pragma once

#include "Desk.h"

namespace hexachord
{

class LevelTrace final : public juce::Component, public juce::SettableTooltipClient, public Polled
{
public:
    explicit LevelTrace (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;

private:
    // Shares of the height, 0 to 1; all 0 where nothing sounded.
    using Point = std::array<float, operatorCount>;

    static constexpr int length = 120;

    void add (const Point& point);
    const Point& fromNow (int steps) const;
    bool isCarrier (int index) const;

    // For screen readers.
    void describe (const std::array<float, operatorCount>& levels);
    void paintGrid (juce::Graphics& g, juce::Rectangle<float> plot, juce::Rectangle<float> labels) const;
    void paintCurve (juce::Graphics& g, juce::Rectangle<float> plot, int index) const;
    void paintNumbers (juce::Graphics& g, juce::Rectangle<float> plot, float left) const;

    std::array<Point, length> points {};
    int written = 0, shownOperator = 0;
    unsigned observed = 0;
};

}  // namespace hexachord
