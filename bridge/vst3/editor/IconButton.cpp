#include "IconButton.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

// In a square from -1 to 1.
juce::Path shapeOf (Icon icon)
{
    juce::Path path;
    if (icon == Icon::previous || icon == Icon::next)
    {
        path.startNewSubPath (0.45f, -0.9f);
        path.lineTo (-0.45f, 0.0f);
        path.lineTo (0.45f, 0.9f);
    }
    else
    {
        path.startNewSubPath (-0.35f, -1.0f);
        path.lineTo (-0.95f, -0.4f);
        path.lineTo (-0.35f, 0.2f);
        path.startNewSubPath (-0.95f, -0.4f);
        path.lineTo (0.35f, -0.4f);
        path.addCentredArc (0.35f, 0.2f, 0.6f, 0.6f, 0.0f, 0.0f, juce::MathConstants<float>::pi);
        path.lineTo (-0.3f, 0.8f);
    }
    if (icon == Icon::next || icon == Icon::redo)
        path.applyTransform (juce::AffineTransform::scale (-1.0f, 1.0f));
    return path;
}

}  // namespace

IconButton::IconButton (Icon shown, const juce::String& name) : Button (name), icon (shown)
{
    setTitle (name);
    setTooltip (name);
    setMouseClickGrabsKeyboardFocus (false);
}

void IconButton::paintButton (juce::Graphics& g, bool isOver, bool isDown)
{
    const auto area = getLocalBounds().toFloat().reduced (0.5f);
    g.setColour (isDown ? colour::line : isOver && isEnabled() ? colour::faint : colour::card);
    g.fillRoundedRectangle (area, 5.0f);
    g.setColour (colour::line);
    g.drawRoundedRectangle (area, 5.0f, 1.0f);
    auto shape = shapeOf (icon);
    shape.applyTransform (juce::AffineTransform::scale (6.0f).translated (area.getCentre()));
    g.setColour (isEnabled() ? colour::ink : colour::line);
    g.strokePath (shape, { 1.6f, juce::PathStrokeType::curved, juce::PathStrokeType::rounded });
    if (hasKeyboardFocus (false))
        drawFocusRing (g, area);
}

}  // namespace hexachord
