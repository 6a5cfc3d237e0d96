#include "Knob.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int nameHeight = 22;
constexpr float thickness = 6.0f, unnoticed = 0.004f;
constexpr float firstAngle = -2.36f, lastAngle = 2.36f;

float angleOf (float share)
{
    return firstAngle + share * (lastAngle - firstAngle);
}

void strokeArc (juce::Graphics& g, juce::Rectangle<float> dial, float from, float to)
{
    juce::Path arc;
    arc.addCentredArc (dial.getCentreX(),
                       dial.getCentreY(),
                       dial.getWidth() / 2,
                       dial.getHeight() / 2,
                       0.0f,
                       from,
                       to,
                       true);
    g.strokePath (arc, { thickness, juce::PathStrokeType::curved, juce::PathStrokeType::rounded });
}

}  // namespace

Knob::Knob (Desk& owner, int parameter) : Control (owner, parameter), shownTypical (typical()) {}

void Knob::poll()
{
    Control::poll();
    if (! isShowing())
        return;
    const auto sounding = soundingValue();
    const auto usual = isSeldom() ? typical() : shownTypical;
    if (usual == shownTypical && std::abs (sounding - shownSounding) < unnoticed)
        return;
    shownTypical = usual;
    shownSounding = sounding;
    repaint();
}

float Knob::soundingValue() const
{
    static_assert (controlCount == std::tuple_size_v<decltype (NeuralView::controls)>);
    if (parameterIndex() >= controlCount || ! desk.isNeuralSounding())
        return -1.0f;
    return juce::jlimit (
        0.0f, 1.0f, desk.view().controls[static_cast<std::size_t> (parameterIndex())]);
}

juce::Rectangle<float> Knob::dial() const
{
    const auto area = getLocalBounds().withTrimmedBottom (nameHeight).toFloat().reduced (thickness);
    const auto size = juce::jmin (area.getWidth(), area.getHeight() * 1.08f);
    return area.withSizeKeepingCentre (size, size).withY (area.getY());
}

juce::Rectangle<int> Knob::valueArea() const
{
    return dial().toNearestInt().withSizeKeepingCentre (72, 28);
}

float Knob::typicalShare() const
{
    return parameter().getNormalisableRange().convertTo0to1 (shownTypical);
}

// Where the arc starts: at a typical value in the middle or below, else at the low end.
float Knob::origin() const
{
    return typicalShare() < 0.99f ? typicalShare() : 0.0f;
}

void Knob::paint (juce::Graphics& g)
{
    const auto circle = dial();
    const auto radius = circle.getWidth() / 2;
    if (isRinged())
        drawFocusRing (g, getLocalBounds().toFloat());

    g.setColour (colour::faint);
    strokeArc (g, circle, firstAngle, lastAngle);
    const auto from = angleOf (juce::jmin (share(), origin()));
    const auto to = angleOf (juce::jmax (share(), origin()));
    g.setColour (colour::accent);
    if (to > from)
        strokeArc (g, circle, from, to);

    // What is typical is a short tick inside, what sounds a small triangle, the value a dot.
    const auto centre = circle.getCentre();
    const auto rest = angleOf (typicalShare());
    g.setColour (colour::quiet);
    g.drawLine ({ centre.getPointOnCircumference (radius - thickness - 6.0f, rest),
                  centre.getPointOnCircumference (radius - thickness - 1.0f, rest) },
                1.4f);
    if (shownSounding >= 0.0f)
    {
        const auto angle = angleOf (shownSounding);
        const auto tip = centre.getPointOnCircumference (radius - thickness - 8.0f, angle);
        juce::Path mark;
        mark.addTriangle (tip.translated (-4.0f, 7.0f), tip, tip.translated (4.0f, 7.0f));
        mark.applyTransform (juce::AffineTransform::rotation (angle, tip.x, tip.y));
        g.setColour (colour::ink);
        g.fillPath (mark);
    }
    const auto dot = centre.getPointOnCircumference (radius, angleOf (share()));
    const auto size = isMouseOver (true) || isMouseButtonDown() ? 8.5f : 7.0f;
    g.setColour (colour::card);
    g.fillEllipse (juce::Rectangle<float> (2 * size, 2 * size).withCentre (dot));
    g.setColour (colour::accent);
    g.fillEllipse (juce::Rectangle<float> (2 * size - 5, 2 * size - 5).withCentre (dot));

    g.setColour (colour::ink);
    g.setFont (plainFont (largeType));
    g.drawText (valueText(), valueArea(), juce::Justification::centred, false);
    g.setColour (isLearned() ? colour::accent : colour::quiet);
    g.setFont (plainFont (bodyType));
    g.drawText (
        name(), getLocalBounds().removeFromBottom (nameHeight), juce::Justification::centred, true);
}

}  // namespace hexachord
