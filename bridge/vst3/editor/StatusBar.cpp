#include "StatusBar.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int offeredScales[] = { 60, 80, 100, 125, 150, 175, 200 };
constexpr int scaleWidth = 66, soundingWidth = 110;

}  // namespace

StatusBar::StatusBar (Desk& owner) : Polled (owner)
{
    setTitle ("Status");
    scale.setTooltip ("Size of the window");
    scale.onClick = [this] { showScales(); };
    scale.setMouseClickGrabsKeyboardFocus (false);
    addAndMakeVisible (scale);
}

void StatusBar::poll()
{
    if (const auto now = desk.processor.meter.sounding(); now != sounding)
    {
        sounding = now;
        repaint();
    }
}

void StatusBar::say (const juce::String& newLine, bool isFailure)
{
    text = newLine;
    failed = isFailure;
    setDescription (text);
    if (isFailure)
        juce::AccessibilityHandler::postAnnouncement (
            text, juce::AccessibilityHandler::AnnouncementPriority::high);
    repaint();
}

void StatusBar::showScale (int percent)
{
    scale.setButtonText (juce::String (percent) + " %");
    scale.setTitle ("Window size " + scale.getButtonText());
}

void StatusBar::showScales()
{
    juce::PopupMenu menu;
    const juce::Component::SafePointer<StatusBar> self (this);
    for (const auto percent : offeredScales)
        menu.addItem (juce::String (percent) + " %",
                      [self, percent]
                      {
                          if (self != nullptr)
                              self->scaleWanted (percent);
                      });
    menu.setLookAndFeel (&getLookAndFeel());
    menu.showMenuAsync (juce::PopupMenu::Options().withTargetComponent (scale));
}

void StatusBar::paint (juce::Graphics& g)
{
    auto area = getLocalBounds().withTrimmedRight (scaleWidth + 38);
    g.setFont (plainFont (smallType));
    g.setColour (colour::quiet);
    g.drawText (sounding == 1 ? juce::String ("1 voice") : juce::String (sounding) + " voices",
                area.removeFromRight (soundingWidth),
                juce::Justification::centredRight,
                false);
    if (failed)
    {
        g.setColour (colour::accent);
        g.fillEllipse (juce::Rectangle<float> (7.0f, 7.0f)
                           .withCentre ({ static_cast<float> (area.getX()) + 4.0f,
                                          static_cast<float> (area.getCentreY()) }));
        area.removeFromLeft (16);
    }
    g.setColour (failed ? colour::accent : colour::quiet);
    g.drawText (text, area, juce::Justification::centredLeft, true);
}

void StatusBar::resized()
{
    scale.setBounds (
        getLocalBounds().withTrimmedRight (24).removeFromRight (scaleWidth).reduced (0, 3));
}

}  // namespace hexachord
