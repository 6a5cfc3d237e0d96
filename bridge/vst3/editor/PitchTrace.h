// The pitch of the newest neural note over the last seconds, in cents around its key: vibrato,
// bends and glides are seen as they are played. It stands still in silence.
#pragma once

#include "Desk.h"

namespace hexachord
{

class PitchTrace final : public juce::Component, public juce::SettableTooltipClient, public Polled
{
public:
    explicit PitchTrace (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;

    // The pitch as of now, averaged over a vibrato's cycle; none in silence.
    struct Pitch
    {
        int key;
        float cents, hz;
    };
    std::optional<Pitch> pitch() const;

private:
    // Cents around the key; no key where nothing sounded.
    struct Point
    {
        int key = -1;
        float cents = 0.0f, hz = 0.0f;
    };

    static constexpr int length = 120;

    void add (const Point& point);
    const Point& fromNow (int steps) const;

    std::array<Point, length> points {};
    int written = 0;
};

}  // namespace hexachord
