#include "Cells.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int textHeight = 20;
constexpr float trackHeight = 4.0f;

void paintName (juce::Graphics& g,
                const juce::String& name,
                juce::Rectangle<int> area,
                bool isLearned)
{
    g.setColour (isLearned ? colour::accent : colour::quiet);
    g.setFont (plainFont (smallType));
    g.drawText (name, area, juce::Justification::centredLeft, true);
}

juce::Rectangle<float> trackIn (juce::Rectangle<int> area)
{
    return area.removeFromBottom (textHeight / 2 + 2).toFloat().withHeight (trackHeight);
}

}  // namespace

juce::Rectangle<int> Bar::valueArea() const
{
    return getLocalBounds().removeFromTop (textHeight).removeFromRight (getWidth() / 2);
}

void Bar::paint (juce::Graphics& g)
{
    auto area = getLocalBounds().reduced (2, 0);
    const auto track = trackIn (area);
    const auto text = area.removeFromTop (textHeight);
    const auto low = parameter().info().low;
    // Values on both sides of zero grow from zero.
    const auto zero = low < 0.0f ? -low / (parameter().info().high - low) : 0.0f;
    g.setColour (colour::faint);
    g.fillRoundedRectangle (track, trackHeight / 2);
    const auto from = juce::jmin (zero, share()) * track.getWidth();
    const auto to = juce::jmax (zero, share()) * track.getWidth();
    g.setColour (isMouseOver (true) ? colour::accent : colour::accent.withAlpha (0.8f));
    if (to > from)
        g.fillRoundedRectangle (
            track.withX (track.getX() + from).withWidth (juce::jmax (trackHeight, to - from)),
            trackHeight / 2);
    paintName (g, name(), text, isLearned());
    g.setColour (colour::ink);
    g.setFont (plainFont (bodyType));
    g.drawText (valueText(), text, juce::Justification::centredRight, false);
    if (isRinged())
        drawFocusRing (g, getLocalBounds().toFloat());
}

juce::Rectangle<int> Choice::valueArea() const
{
    return getLocalBounds().removeFromTop (textHeight).removeFromRight (getWidth() / 2);
}

void Choice::paint (juce::Graphics& g)
{
    auto area = getLocalBounds().reduced (2, 0);
    const auto track = trackIn (area);
    auto text = area.removeFromTop (textHeight);
    g.setColour (isMouseOver (true) ? colour::quiet : colour::line);
    g.fillRect (track.withHeight (1.0f).translated (0.0f, 1.5f));
    paintName (g, name(), text, isLearned());
    const auto arrow = text.removeFromRight (9).toFloat().withSizeKeepingCentre (6.0f, 3.5f);
    juce::Path chevron;
    chevron.startNewSubPath (arrow.getTopLeft());
    chevron.lineTo (arrow.getCentreX(), arrow.getBottom());
    chevron.lineTo (arrow.getTopRight());
    g.setColour (colour::quiet);
    g.strokePath (chevron, juce::PathStrokeType (1.3f));
    g.setColour (colour::ink);
    g.setFont (plainFont (bodyType));
    g.drawText (valueText(), text.withTrimmedRight (4), juce::Justification::centredRight, false);
    if (isRinged())
        drawFocusRing (g, getLocalBounds().toFloat());
}

void Choice::mouseUp (const juce::MouseEvent& event)
{
    Control::mouseUp (event);
    if (! event.mods.isPopupMenu() && event.mouseWasClicked())
        press();
}

void Choice::press()
{
    const auto& info = parameter().info();
    juce::PopupMenu menu;
    const auto present = juce::roundToInt (parameter().plain() - info.low);
    const juce::Component::SafePointer<Choice> self (this);
    for (auto i = 0; i < info.labelCount; ++i)
        menu.addItem (info.labels[i],
                      true,
                      i == present,
                      [self, i]
                      {
                          if (self != nullptr)
                              self->moveTo (self->parameter().info().low + static_cast<float> (i));
                      });
    menu.setLookAndFeel (&getLookAndFeel());
    menu.showMenuAsync (
        juce::PopupMenu::Options().withTargetComponent (this).withMinimumWidth (getWidth()));
}

juce::Rectangle<int> Switch::valueArea() const
{
    return getLocalBounds().withTrimmedLeft (getWidth() - 30).withSizeKeepingCentre (28, 16);
}

void Switch::paint (juce::Graphics& g)
{
    const auto isOn = share() > 0.5f;
    const auto pill = valueArea().toFloat();
    g.setColour (isOn ? colour::accent : isMouseOver (true) ? colour::quiet : colour::line);
    g.fillRoundedRectangle (pill, pill.getHeight() / 2);
    const auto knob = pill.getHeight() - 4.0f;
    g.setColour (colour::card);
    g.fillEllipse (
        isOn ? pill.getRight() - knob - 2.0f : pill.getX() + 2.0f, pill.getY() + 2.0f, knob, knob);
    const auto isWaiting = desk.processor.instrument.learned.listeningFor() == parameter().index();
    paintName (g,
               isWaiting ? valueText() : name(),
               getLocalBounds().reduced (2, 0).withTrimmedRight (32),
               isLearned());
    if (isRinged())
        drawFocusRing (g, getLocalBounds().toFloat());
}

void Switch::mouseUp (const juce::MouseEvent& event)
{
    Control::mouseUp (event);
    if (! event.mods.isPopupMenu() && event.mouseWasClicked())
        press();
}

void Switch::press()
{
    moveTo (share() > 0.5f ? parameter().info().low : parameter().info().high);
}

std::unique_ptr<Control> makeCell (Desk& desk, int parameter, const juce::String& shortName)
{
    const auto& info = parameterTable[parameter];
    if (desk.processor.parameter (parameter).isBoolean())
        return std::make_unique<Switch> (desk, parameter, shortName);
    if (info.labelCount > 0)
        return std::make_unique<Choice> (desk, parameter, shortName);
    return std::make_unique<Bar> (desk, parameter, shortName);
}

}  // namespace hexachord
