#include "Tabs.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int space = 30;

class Word final : public juce::Button
{
public:
    explicit Word (const juce::String& name) : Button (name)
    {
        setTitle (name);
        setMouseClickGrabsKeyboardFocus (false);
    }

    void paintButton (juce::Graphics& g, bool isOver, bool) override
    {
        const auto isChosen = getToggleState();
        g.setColour (isChosen ? colour::ink : isOver ? colour::ink : colour::quiet);
        g.setFont (isChosen ? boldFont (bodyType) : plainFont (bodyType));
        g.drawText (getName(), getLocalBounds(), juce::Justification::centredLeft, false);
        if (isChosen)
        {
            g.setColour (colour::accent);
            g.fillRect (getLocalBounds().removeFromBottom (2));
        }
        if (hasKeyboardFocus (false))
            drawFocusRing (g, getLocalBounds().toFloat());
    }
};

}  // namespace

Tabs::Tabs (const juce::StringArray& names)
{
    setTitle ("Pages");
    for (const auto& name : names)
    {
        words.push_back (std::make_unique<Word> (name));
        words.back()->setRadioGroupId (1, juce::dontSendNotification);
        words.back()->onClick = [this, index = static_cast<int> (words.size()) - 1]
        { choose (index); };
        addAndMakeVisible (*words.back());
    }
    choose (0);
}

void Tabs::choose (int index)
{
    present = juce::jlimit (0, static_cast<int> (words.size()) - 1, index);
    for (auto i = 0; i < static_cast<int> (words.size()); ++i)
        words[static_cast<std::size_t> (i)]->setToggleState (i == present,
                                                             juce::dontSendNotification);
    changed (present);
}

void Tabs::paint (juce::Graphics& g)
{
    g.setColour (colour::faint);
    g.fillRect (getLocalBounds().removeFromBottom (1));
}

void Tabs::resized()
{
    auto area = getLocalBounds();
    for (auto& word : words)
    {
        word->setBounds (
            area.removeFromLeft (boldFont (bodyType).getStringWidth (word->getName()) + 2));
        area.removeFromLeft (space);
    }
}

}  // namespace hexachord
