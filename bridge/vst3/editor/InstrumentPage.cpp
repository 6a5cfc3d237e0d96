#include "InstrumentPage.h"

#include "Names.h"
#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int headHeight = 36, bottomHeight = 112, gap = 12, styleWidth = 290;
constexpr int pitchWidth = 190, keyWidth = 56;

}  // namespace

InstrumentPage::InstrumentPage (Desk& owner)
    : Polled (owner), partials (owner), levels (owner), trace (owner), style (owner)
{
    setTitle ("Instrument");
    setComponentID ("instrument_page");
    for (auto* part : std::initializer_list<juce::Component*> { &partials, &trace, &style })
        addAndMakeVisible (part);
    addChildComponent (levels);
}

void InstrumentPage::showSound()
{
    levels.setVisible (desk.isDdx7());
    partials.setVisible (! desk.isDdx7());
    style.setVisible (! desk.isDdx7());
    style.showSound();
    describe();
    resized();
    repaint();
}

void InstrumentPage::describe()
{
    auto text = instrumentTitle (desk.facts().name);
    if (keyText.isNotEmpty())
        text << ": " << keyText << ", " << pitchText.replace ("\n", ", ");
    setDescription (text);
}

juce::String InstrumentPage::origin() const
{
    const auto& facts = desk.facts();
    juce::String text;
    if (facts.lowestKey >= 0 && facts.highestKey > facts.lowestKey)
        text << "plays " << keyTitle (facts.lowestKey) << " to " << keyTitle (facts.highestKey);
    if (const auto& sound = desk.neuralSound(); sound.has_value() && sound->model.isNotEmpty())
        text << (text.isEmpty() ? "" : ", ") << "from " << modelTitle (sound->model);
    return text;
}

void InstrumentPage::poll()
{
    if (! isShowing() || ! isSeldom())
        return;
    juce::String newKey, newPitch, other;
    if (const auto pitch = trace.pitch())
    {
        const auto cents = juce::roundToInt (pitch->cents);
        newKey = keyTitle (pitch->key);
        newPitch << juce::String (pitch->hz, 1) << " Hz\n"
                 << (cents > 0 ? "+" : "") << cents << " cents";
        const auto name = desk.processor.instrument.nameOf (desk.view());
        if (name.isNotEmpty() && name != desk.facts().name)
            other = name;
    }
    if (newKey == keyText && newPitch == pitchText && other == otherInstrument)
        return;
    keyText = newKey;
    pitchText = newPitch;
    otherInstrument = other;
    describe();
    repaint (getLocalBounds().removeFromTop (headHeight));
}

void InstrumentPage::paintPitch (juce::Graphics& g, juce::Rectangle<int> area) const
{
    if (keyText.isEmpty())
    {
        g.setColour (colour::quiet);
        g.setFont (plainFont (bodyType));
        g.drawText ("Play a note", area, juce::Justification::centredRight, false);
        return;
    }
    const auto lines = juce::StringArray::fromLines (pitchText);
    auto numbers = area.removeFromRight (84);
    g.setColour (colour::ink);
    g.setFont (plainFont (bodyType));
    g.drawText (lines[0], numbers.removeFromTop (18), juce::Justification::centredRight, false);
    g.setColour (colour::quiet);
    g.setFont (plainFont (smallType));
    g.drawText (lines[1], numbers, juce::Justification::topRight, false);
    g.setColour (colour::accent);
    g.setFont (boldFont (largeType));
    g.drawText (
        keyText, area.removeFromRight (keyWidth), juce::Justification::centredRight, false);
}

void InstrumentPage::paint (juce::Graphics& g)
{
    auto head = getLocalBounds().removeFromTop (headHeight).withTrimmedBottom (4);
    paintPitch (g, head.removeFromRight (pitchWidth));
    const auto name = instrumentTitle (desk.facts().name);
    const auto font = boldFont (largeType);
    g.setColour (colour::ink);
    g.setFont (font);
    g.drawText (name, head, juce::Justification::centredLeft, true);
    head.removeFromLeft (font.getStringWidth (name) + 14);
    g.setColour (colour::quiet);
    g.setFont (plainFont (bodyType));
    g.drawText (otherInstrument.isEmpty() ? origin()
                                          : instrumentTitle (otherInstrument) + " still sounds",
                head.withTrimmedTop (3),
                juce::Justification::centredLeft,
                true);
}

void InstrumentPage::resized()
{
    auto area = getLocalBounds().withTrimmedTop (headHeight);
    auto bottom = area.removeFromBottom (bottomHeight);
    partials.setBounds (area.withTrimmedBottom (gap));
    levels.setBounds (partials.getBounds());
    if (style.isVisible())
    {
        style.setBounds (bottom.removeFromRight (styleWidth));
        bottom.removeFromRight (24);
    }
    trace.setBounds (bottom);
}

}  // namespace hexachord
