#include "StylePanel.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int headingHeight = 24, wordsHeight = 18;

}  // namespace

StylePanel::StylePanel (Desk& owner)
    : desk (owner), style (owner, parameterNamed ("style"), "CC 55")
{
    setTitle ("Style");
    setComponentID ("style_panel");
    setAccessible (true);
    addAndMakeVisible (style);
    showSound();
}

void StylePanel::showSound()
{
    style.setAlpha (desk.facts().hasStyle ? 1.0f : unusedAlpha);
    setDescription (explanation());
    repaint();
}

juce::String StylePanel::explanation() const
{
    const auto& facts = desk.facts();
    if (! facts.hasStyle)
        return "Style does nothing here: the model knows no other ways to play this instrument.";
    return "Below the middle a note ends by itself though its key is held, at the left end after "
         + juce::String (facts.shortestS, 2) + " s.";
}

void StylePanel::paint (juce::Graphics& g)
{
    auto area = getLocalBounds();
    const auto& facts = desk.facts();
    g.setColour (colour::ink);
    g.setFont (boldFont (bodyType));
    g.drawText ("Style", area.removeFromTop (headingHeight), juce::Justification::topLeft, false);
    area.removeFromTop (cellHeight);
    g.setColour (colour::quiet);
    g.setFont (plainFont (smallType));
    if (facts.hasStyle)
    {
        const auto words = area.removeFromTop (wordsHeight).reduced (2, 0);
        const auto shown = [] (const juce::String& word, const char* otherwise)
        { return word.isEmpty() ? juce::String (otherwise) : word; };
        g.setColour (colour::ink);
        g.drawText (shown (facts.styleLow, "short"), words, juce::Justification::topLeft, false);
        g.drawText (
            shown (facts.styleHigh, "sustained"), words, juce::Justification::topRight, false);
        g.setColour (colour::quiet);
    }
    g.drawFittedText (explanation(), area.reduced (2, 0), juce::Justification::topLeft, 3, 1.0f);
}

void StylePanel::resized()
{
    style.setBounds (getLocalBounds().withTrimmedTop (headingHeight).withHeight (cellHeight));
}

}  // namespace hexachord
