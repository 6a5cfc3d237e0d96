#include "EnvelopeView.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr float handleRadius = 4.5f, reach = 16.0f;
constexpr float ratePerPixel = 0.4f;
constexpr int mostLevel = 99, middlePitch = 50;

juce::String durationText (double seconds)
{
    if (seconds < 1.0)
        return juce::String (juce::jmax (1, juce::roundToInt (seconds * 1000.0))) + " ms";
    return seconds < 10.0 ? juce::String (seconds, 1) + " s"
                          : juce::String (juce::roundToInt (seconds)) + " s";
}

}  // namespace

EnvelopeView::EnvelopeView (Desk& owner, EnvelopeKind shownKind, int firstRate)
    : Polled (owner), kind (shownKind), first (firstRate)
{
    setTitle (kind == EnvelopeKind::pitch ? "Pitch envelope" : "Operator envelope");
    setDescription ("A drawing of the rates and levels beside it");
    setTooltip ("Pull a point: up and down for its level, left and right for its rate");
    setAccessible (true);
    show (firstRate);
}

void EnvelopeView::show (int newFirstRate)
{
    rateGesture.reset();
    levelGesture.reset();
    held = -1;
    first = newFirstRate;
    shown = settings();
    repaint();
}

EnvelopeSettings EnvelopeView::settings() const
{
    EnvelopeSettings now;
    for (auto i = 0; i < 4; ++i)
    {
        now.rate[static_cast<std::size_t> (i)] =
            juce::roundToInt (desk.processor.parameter (first + i).plain());
        now.level[static_cast<std::size_t> (i)] =
            juce::roundToInt (desk.processor.parameter (first + 4 + i).plain());
    }
    return now;
}

void EnvelopeView::poll()
{
    if (! isShowing())
        return;
    const auto now = settings();
    if (now == shown)
        return;
    shown = now;
    repaint();
}

juce::Rectangle<float> EnvelopeView::plot() const
{
    return getLocalBounds().toFloat().reduced (10.0f, 8.0f).withTrimmedBottom (14.0f);
}

float EnvelopeView::heightAt (int shownLevel) const
{
    const auto area = plot();
    return area.getBottom()
        - area.getHeight() * static_cast<float> (shownLevel) / static_cast<float> (mostLevel);
}

std::array<juce::Point<float>, 6> EnvelopeView::corners() const
{
    const auto area = plot();
    const auto widths = envelopeWidths (shown, kind);
    const auto& levels = shown.level;
    std::array<juce::Point<float>, 6> points;
    const std::array<int, 6> heights { levels[3], levels[0], levels[1],
                                       levels[2], levels[2], levels[3] };
    auto x = area.getX();
    for (std::size_t i = 0; i < points.size(); ++i)
    {
        points[i] = { x, heightAt (heights[i]) };
        if (i < widths.size())
            x += widths[i] * area.getWidth();
    }
    return points;
}

juce::Point<float> EnvelopeView::handle (int segment) const
{
    return corners()[static_cast<std::size_t> (segment == 3 ? 5 : segment + 1)];
}

int EnvelopeView::handleAt (juce::Point<float> place) const
{
    auto best = -1;
    auto nearest = reach;
    for (auto i = 0; i < 4; ++i)
        if (const auto distance = handle (i).getDistanceFrom (place); distance < nearest)
        {
            nearest = distance;
            best = i;
        }
    return best;
}

juce::Path EnvelopeView::curve() const
{
    const auto points = corners();
    juce::Path path;
    path.startNewSubPath (points[0]);
    for (std::size_t i = 1; i < points.size(); ++i)
    {
        const auto from = points[i - 1], to = points[i];
        // A rising level approaches its goal; a falling one is straight in dB, as pitch always is.
        if (kind == EnvelopeKind::level && to.y < from.y)
            path.quadraticTo ({ from.x + (to.x - from.x) * 0.25f, to.y + (from.y - to.y) * 0.15f },
                              to);
        else
            path.lineTo (to);
    }
    return path;
}

void EnvelopeView::paint (juce::Graphics& g)
{
    const auto area = plot();
    const auto points = corners();
    g.setColour (colour::paper);
    g.fillRoundedRectangle (getLocalBounds().toFloat(), 6.0f);
    g.setColour (colour::line);
    const auto base = heightAt (kind == EnvelopeKind::pitch ? middlePitch : 0);
    g.drawHorizontalLine (juce::roundToInt (base), area.getX(), area.getRight());
    const float dashes[] = { 3.0f, 3.0f };
    g.drawDashedLine ({ points[4].x, area.getY(), points[4].x, area.getBottom() }, dashes, 2, 1.0f);

    auto filled = curve();
    filled.lineTo (points[5].x, base);
    filled.lineTo (points[0].x, base);
    filled.closeSubPath();
    g.setColour (colour::accent.withAlpha (0.10f));
    g.fillPath (filled);
    g.setColour (colour::accent);
    g.strokePath (curve(), { 2.0f, juce::PathStrokeType::curved, juce::PathStrokeType::rounded });

    for (auto i = 0; i < 4; ++i)
    {
        const auto isActive = held == i || (held < 0 && near == i);
        const auto dot =
            juce::Rectangle<float> (2 * handleRadius, 2 * handleRadius).withCentre (handle (i));
        g.setColour (isActive ? colour::accent : colour::card);
        g.fillEllipse (dot);
        g.setColour (colour::accent);
        g.drawEllipse (dot, 1.6f);
    }

    g.setFont (plainFont (smallType));
    g.setColour (colour::quiet);
    const std::array<std::size_t, 4> starts { 0, 1, 2, 4 };
    for (auto i = 0; i < 4; ++i)
    {
        const auto from = points[starts[static_cast<std::size_t> (i)]].x;
        const auto to = points[starts[static_cast<std::size_t> (i)] + 1].x;
        const auto text = durationText (segmentSeconds (shown, i, kind));
        if (to - from > plainFont (smallType).getStringWidthFloat (text))
            g.drawText (text,
                        juce::Rectangle<float> (from, area.getBottom() + 3.0f, to - from, 16.0f),
                        juce::Justification::centred,
                        false);
    }
    g.drawText ("key up",
                juce::Rectangle<float> (points[4].x - 54.0f, area.getY() - 4.0f, 50.0f, 14.0f),
                juce::Justification::centredRight,
                false);
}

void EnvelopeView::mouseMove (const juce::MouseEvent& event)
{
    if (const auto now = handleAt (event.position); now != near)
    {
        near = now;
        setMouseCursor (near >= 0 ? juce::MouseCursor::DraggingHandCursor
                                  : juce::MouseCursor::NormalCursor);
        repaint();
    }
}

void EnvelopeView::mouseExit (const juce::MouseEvent&)
{
    near = -1;
    repaint();
}

void EnvelopeView::mouseDown (const juce::MouseEvent& event)
{
    held = handleAt (event.position);
    lastDrag = event.getPosition();
    if (held < 0)
        return;
    rate = desk.processor.parameter (first + held).plain();
    level = desk.processor.parameter (first + 4 + held).plain();
}

void EnvelopeView::mouseDrag (const juce::MouseEvent& event)
{
    if (held < 0)
        return;
    const auto fine = event.mods.isShiftDown() ? 0.2f : 1.0f;
    const auto moved = (event.getPosition() - lastDrag).toFloat() * fine;
    lastDrag = event.getPosition();
    rate = juce::jlimit (0.0f, 99.0f, rate - moved.x * ratePerPixel);
    level = juce::jlimit (0.0f, 99.0f, level - moved.y * 99.0f / plot().getHeight());
    // Both belong to one pull, but a parameter that stays still is not touched.
    const auto turn = [this] (std::optional<Gesture>& gesture, int index, float plain)
    {
        auto& parameter = desk.processor.parameter (index);
        if (! gesture.has_value() && std::round (plain) != parameter.plain())
            gesture.emplace (desk, parameter);
        if (gesture.has_value())
            gesture->set (plain);
    };
    turn (rateGesture, first + held, rate);
    turn (levelGesture, first + 4 + held, level);
}

void EnvelopeView::mouseUp (const juce::MouseEvent&)
{
    rateGesture.reset();
    levelGesture.reset();
    held = -1;
    repaint();
}

}  // namespace hexachord
