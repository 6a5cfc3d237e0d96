#include "PitchTrace.h"

#include "Names.h"
#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr float shownCents = 75.0f, labelWidth = 34.0f, leavesKeyCents = 80.0f;
constexpr int averaged = 6;

float keyOf (float hz)
{
    return 69.0f + 12.0f * std::log2 (hz / 440.0f);
}

// A smooth line through points (Catmull and Rom 1974): few of them fall on a vibrato's cycle.
void addCurve (juce::Path& line, const std::vector<juce::Point<float>>& points)
{
    if (points.size() < 2)
        return;
    line.startNewSubPath (points.front());
    for (std::size_t i = 0; i + 1 < points.size(); ++i)
    {
        const auto from = points[i], to = points[i + 1];
        const auto before = i == 0 ? from : points[i - 1];
        const auto after = i + 2 < points.size() ? points[i + 2] : to;
        line.cubicTo (from + (to - before) / 6.0f, to - (after - from) / 6.0f, to);
    }
}

}  // namespace

PitchTrace::PitchTrace (Desk& owner) : Polled (owner)
{
    setTitle ("Pitch");
    setTooltip ("The fundamental frequency over the last four seconds, in cents around the key");
    setAccessible (true);
}

const PitchTrace::Point& PitchTrace::fromNow (int steps) const
{
    return points[static_cast<std::size_t> ((written - 1 - steps + 2 * length) % length)];
}

void PitchTrace::add (const Point& point)
{
    points[static_cast<std::size_t> (written)] = point;
    written = (written + 1) % length;
    repaint();
}

void PitchTrace::poll()
{
    if (! isShowing())
        return;
    const auto hz = desk.view().f0Hz;
    if (! desk.isNeuralSounding() || hz <= 0.0f)
    {
        if (fromNow (0).key >= 0)
            add ({});
        return;
    }
    const auto before = fromNow (0);
    // A living pitch is never twice the same: if it is, the host plays no blocks.
    if (hz == before.hz)
        return;
    const auto exact = keyOf (hz);
    // A key is left only when the pitch is well on its way to another.
    const auto stays = before.key >= 0
        && std::abs (exact - static_cast<float> (before.key)) * 100.0f < leavesKeyCents;
    const auto key = stays ? before.key : juce::roundToInt (exact);
    add ({ key, (exact - static_cast<float> (key)) * 100.0f, hz });
}

std::optional<PitchTrace::Pitch> PitchTrace::pitch() const
{
    const auto& now = fromNow (0);
    if (now.key < 0)
        return {};
    auto cents = 0.0f;
    auto count = 0;
    while (count < averaged && fromNow (count).key == now.key)
        cents += fromNow (count++).cents;
    cents /= static_cast<float> (count);
    const auto hz =
        440.0f * std::exp2 ((static_cast<float> (now.key) - 69.0f + cents / 100.0f) / 12.0f);
    return Pitch { now.key, cents, hz };
}

void PitchTrace::paint (juce::Graphics& g)
{
    g.setColour (colour::paper);
    g.fillRoundedRectangle (getLocalBounds().toFloat(), 6.0f);
    auto area = getLocalBounds().toFloat().reduced (10.0f, 6.0f);
    const auto labels = area.removeFromLeft (labelWidth);
    const auto heightOf = [&area] (float cents)
    {
        const auto share = juce::jlimit (-1.0f, 1.0f, cents / shownCents);
        return area.getCentreY() - share * area.getHeight() / 2;
    };
    g.setFont (plainFont (smallType));
    for (const auto cents : { 50.0f, 0.0f, -50.0f })
    {
        const auto y = heightOf (cents);
        g.setColour (cents == 0.0f ? colour::line : colour::line.withAlpha (0.5f));
        g.fillRect (area.getX(), y, area.getWidth(), 1.0f);
        g.setColour (colour::quiet);
        const auto& now = fromNow (0);
        const auto text = cents > 0.0f ? juce::String ("+50")
            : cents < 0.0f             ? juce::String ("-50")
            : now.key >= 0             ? keyTitle (now.key)
                                       : juce::String ("0");
        g.drawText (text,
                    labels.withY (y - 8.0f).withHeight (16.0f).withTrimmedRight (8.0f),
                    juce::Justification::centredRight,
                    false);
    }
    juce::Path line;
    std::vector<juce::Point<float>> run;
    for (auto i = length - 1; i >= 0; --i)
    {
        const auto& point = fromNow (i);
        const auto x = area.getRight()
            - area.getWidth() * static_cast<float> (i) / static_cast<float> (length - 1);
        if (point.key >= 0)
            run.push_back ({ x, heightOf (point.cents) });
        if (i == 0 || fromNow (i - 1).key != point.key)
        {
            addCurve (line, run);
            run.clear();
        }
    }
    g.setColour (colour::accent);
    g.strokePath (line, { 1.8f, juce::PathStrokeType::curved, juce::PathStrokeType::rounded });
}

}  // namespace hexachord
