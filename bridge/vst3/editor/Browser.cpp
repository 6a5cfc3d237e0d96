#include "Browser.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int padding = 12, gap = 6, kinds = 1;

}  // namespace

Browser::Browser (Desk& owner) : desk (owner), instruments (owner), voices (owner)
{
    instrumentsButton.setTooltip ("Neural instruments: strings, winds, guitar, DX7 voices that a network plays, and your own");
    voicesButton.setTooltip ("The voices of a DX7 bank");
    instrumentsButton.onClick = [this] { showInstruments (true); };
    voicesButton.onClick = [this] { showInstruments (false); };
    for (auto* button : { &instrumentsButton, &voicesButton })
    {
        button->setMouseClickGrabsKeyboardFocus (false);
        button->setRadioGroupId (kinds, juce::dontSendNotification);
        addAndMakeVisible (button);
    }
    instruments.loadWanted = [this] { loadWanted(); };
    voices.loadWanted = [this] { loadWanted(); };
    addChildComponent (instruments);
    addChildComponent (voices);
    showSound();
}

void Browser::showSound()
{
    instruments.showSound();
    voices.showSound();
    showInstruments (desk.neuralSound().has_value());
}

void Browser::showInstruments (bool isWanted)
{
    instruments.setVisible (isWanted);
    voices.setVisible (! isWanted);
    voices.showSound();
    instrumentsButton.setToggleState (isWanted, juce::dontSendNotification);
    voicesButton.setToggleState (! isWanted, juce::dontSendNotification);
}

void Browser::paint (juce::Graphics& g)
{
    drawCard (g, getLocalBounds());
}

void Browser::resized()
{
    auto area = getLocalBounds().reduced (padding);
    auto row = area.removeFromTop (30);
    const auto half = (row.getWidth() - gap) / 2;
    instrumentsButton.setBounds (row.removeFromLeft (half + 14));
    row.removeFromLeft (gap);
    voicesButton.setBounds (row);
    area.removeFromTop (8);
    instruments.setBounds (area);
    voices.setBounds (area);
}

}  // namespace hexachord
