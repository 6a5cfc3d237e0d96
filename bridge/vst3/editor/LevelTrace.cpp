#include "LevelTrace.h"

#include "Theme.h"

#include <numeric>

namespace hexachord
{
namespace
{

constexpr float quietestDb = -60.0f, lineDb = 20.0f;
constexpr float labelWidth = 30.0f, numberWidth = 18.0f, numberHeight = 13.0f;
constexpr float selectedWidth = 2.4f, carrierWidth = 1.6f, modulatorWidth = 1.2f;

float heightOf (float level)
{
    return 1.0f - juce::Decibels::gainToDecibels (level, quietestDb) / quietestDb;
}

bool isSilent (const std::array<float, operatorCount>& levels)
{
    return std::all_of (levels.begin(), levels.end(), [] (auto level) { return level <= 0.0f; });
}

}  // namespace

LevelTrace::LevelTrace (Desk& owner) : Polled (owner)
{
    setTitle ("Operator levels");
    setComponentID ("level_trace");
    setTooltip ("The six operator levels of the newest note over the last four seconds, in dB.\n"
                "0 dB: full amplitude of a carrier (black), the largest modulation index of a "
                "modulator (grey).\nOrange: the operator that is selected.");
    setAccessible (true);
}

const LevelTrace::Point& LevelTrace::fromNow (int steps) const
{
    return points[static_cast<std::size_t> ((written - 1 - steps + 2 * length) % length)];
}

bool LevelTrace::isCarrier (int index) const
{
    static const auto parameter = parameterNamed ("algorithm");
    const auto algorithm = juce::roundToInt (desk.processor.parameter (parameter).plain()) - 1;
    return (algorithmTable[algorithm].carriers & 1 << index) != 0;
}

void LevelTrace::add (const Point& point)
{
    points[static_cast<std::size_t> (written)] = point;
    written = (written + 1) % length;
    repaint();
}

void LevelTrace::poll()
{
    if (! isShowing())
        return;
    if (shownOperator != desk.selectedOperator())
    {
        shownOperator = desk.selectedOperator();
        repaint();
    }
    const auto& levels = desk.view().operators;
    if (! desk.isNeuralSounding() || isSilent (levels))
    {
        if (! isSilent (fromNow (0)))
            add ({});
        return;
    }
    const auto now = desk.processor.meter.observed();
    if (now == observed)
        return;
    observed = now;
    Point point;
    std::transform (levels.begin(), levels.end(), point.begin(), heightOf);
    add (point);
    if (isSeldom())
        describe (levels);
}

void LevelTrace::describe (const std::array<float, operatorCount>& levels)
{
    juce::StringArray parts;
    for (std::size_t i = 0; i < levels.size(); ++i)
        parts.add (juce::String (static_cast<int> (i) + 1) + " at "
                   + juce::String (juce::Decibels::gainToDecibels (levels[i], quietestDb), 1)
                   + " dB");
    setDescription ("Operator " + parts.joinIntoString (", "));
}

void LevelTrace::paintGrid (juce::Graphics& g,
                            juce::Rectangle<float> plot,
                            juce::Rectangle<float> labels) const
{
    g.setFont (plainFont (smallType));
    for (auto db = 0.0f; db > quietestDb; db -= lineDb)
    {
        const auto y = plot.getY() + plot.getHeight() * db / quietestDb;
        g.setColour (db == 0.0f ? colour::line : colour::line.withAlpha (0.5f));
        g.fillRect (plot.getX(), y, plot.getWidth(), 1.0f);
        g.setColour (colour::quiet);
        g.drawText (juce::String (juce::roundToInt (db)),
                    labels.withY (y - 8.0f).withHeight (16.0f).withTrimmedRight (8.0f),
                    juce::Justification::centredRight,
                    false);
    }
}

void LevelTrace::paintCurve (juce::Graphics& g, juce::Rectangle<float> plot, int index) const
{
    const auto at = static_cast<std::size_t> (index);
    juce::Path line;
    auto isDrawing = false;
    for (auto i = length - 1; i >= 0; --i)
    {
        const auto height = fromNow (i)[at];
        const juce::Point<float> place { plot.getRight()
                                             - plot.getWidth() * static_cast<float> (i)
                                                   / static_cast<float> (length - 1),
                                         plot.getBottom() - height * plot.getHeight() };
        if (height > 0.0f && isDrawing)
            line.lineTo (place);
        else if (height > 0.0f)
            line.startNewSubPath (place);
        isDrawing = height > 0.0f;
    }
    const auto isSelected = index + 1 == shownOperator;
    const auto width = isSelected ? selectedWidth : isCarrier (index) ? carrierWidth : modulatorWidth;
    g.setColour (isSelected ? colour::accent : isCarrier (index) ? colour::ink : colour::quiet);
    g.strokePath (line, { width, juce::PathStrokeType::curved, juce::PathStrokeType::rounded });
}

// Beside the ends of the curves, one above the other where these lie close together.
void LevelTrace::paintNumbers (juce::Graphics& g, juce::Rectangle<float> plot, float left) const
{
    const auto& now = fromNow (0);
    std::array<int, operatorCount> order;
    std::iota (order.begin(), order.end(), 0);
    std::stable_sort (order.begin(),
                      order.end(),
                      [&] (auto one, auto other)
                      { return now[static_cast<std::size_t> (one)] > now[static_cast<std::size_t> (other)]; });
    g.setFont (plainFont (smallType));
    auto highest = plot.getY() - numberHeight / 2;
    for (const auto index : order)
    {
        const auto height = now[static_cast<std::size_t> (index)];
        if (height <= 0.0f)
            continue;
        const auto y = juce::jmax (highest, plot.getBottom() - height * plot.getHeight() - numberHeight / 2);
        highest = y + numberHeight;
        const auto isSelected = index + 1 == shownOperator;
        g.setColour (isSelected ? colour::accent : isCarrier (index) ? colour::ink : colour::quiet);
        g.drawText (juce::String (index + 1),
                    juce::Rectangle<float> (left, y, numberWidth, numberHeight),
                    juce::Justification::centredRight,
                    false);
    }
}

void LevelTrace::paint (juce::Graphics& g)
{
    g.setColour (colour::paper);
    g.fillRoundedRectangle (getLocalBounds().toFloat(), 6.0f);
    auto area = getLocalBounds().toFloat().reduced (10.0f, 10.0f);
    const auto labels = area.removeFromLeft (labelWidth);
    const auto plot = area.withTrimmedRight (numberWidth);
    paintGrid (g, plot, labels);
    if (isSilent (fromNow (0)) && written == 0)
    {
        g.setColour (colour::quiet);
        g.setFont (plainFont (bodyType));
        g.drawText ("Play a note: its six operator levels", plot, juce::Justification::centred, false);
        return;
    }
    for (auto index = operatorCount - 1; index >= 0; --index)
        if (index + 1 != shownOperator)
            paintCurve (g, plot, index);
    paintCurve (g, plot, shownOperator - 1);
    paintNumbers (g, plot, plot.getRight());
}

}  // namespace hexachord
