#include "Keys.h"

#include "Names.h"
#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int lowestKey = 24, highestKey = 108;
constexpr float corner = 2.5f;

}  // namespace

Keys::Keys (juce::MidiKeyboardState& shown)
    : MidiKeyboardComponent (shown, juce::MidiKeyboardComponent::horizontalKeyboard)
{
    setTitle ("Keyboard");
    setAvailableRange (lowestKey, highestKey);
    setScrollButtonsVisible (false);
    setOctaveForMiddleC (octaveOfMiddleC);
    setColour (keyDownOverlayColourId, colour::accent);
    setColour (mouseOverKeyOverlayColourId, colour::accent.withAlpha (0.25f));
    setColour (whiteNoteColourId, colour::card);
    setColour (blackNoteColourId, colour::ink);
    setColour (keySeparatorLineColourId, colour::line);
    setColour (textLabelColourId, colour::quiet);
    setColour (shadowColourId, juce::Colours::transparentBlack);
}

void Keys::drawBlackNote (
    int, juce::Graphics& g, juce::Rectangle<float> area, bool isDown, bool isOver, juce::Colour)
{
    juce::Path key;
    key.addRoundedRectangle (area.getX(),
                             area.getY(),
                             area.getWidth(),
                             area.getHeight(),
                             corner,
                             corner,
                             false,
                             false,
                             true,
                             true);
    g.setColour (isDown       ? colour::accent
                     : isOver ? colour::ink.interpolatedWith (colour::accent, 0.4f)
                              : colour::ink);
    g.fillPath (key);
}

}  // namespace hexachord
