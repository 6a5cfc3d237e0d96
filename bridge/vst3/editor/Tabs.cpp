#include "Tabs.h"

#include "Theme.h"

#include <numeric>

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
    std::vector<int> all (words.size());
    std::iota (all.begin(), all.end(), 0);
    offer (std::move (all));
}

void Tabs::offer (std::vector<int> pages)
{
    offered = std::move (pages);
    for (auto i = 0; i < static_cast<int> (words.size()); ++i)
        words[static_cast<std::size_t> (i)]->setVisible (
            std::find (offered.begin(), offered.end(), i) != offered.end());
    resized();
    choose (present);
}

void Tabs::choose (int index)
{
    const auto isOffered = std::find (offered.begin(), offered.end(), index) != offered.end();
    present = isOffered ? index : offered.front();
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
    for (const auto page : offered)
    {
        auto& word = words[static_cast<std::size_t> (page)];
        word->setBounds (
            area.removeFromLeft (boldFont (bodyType).getStringWidth (word->getName()) + 2));
        area.removeFromLeft (space);
    }
}

}  // namespace hexachord
