#include "ControllerList.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int rowHeight = 24;

}  // namespace

ControllerList::ControllerList (Desk& owner)
    : Polled (owner), rows (present()), list ("Controllers", this)
{
    list.setTitle ("MIDI controllers");
    list.setRowHeight (rowHeight);
    addAndMakeVisible (list);
}

std::vector<ControllerList::Row> ControllerList::present() const
{
    const auto& learned = desk.processor.instrument.learned;
    std::vector<Row> now;
    for (auto controller = 0; controller < 128; ++controller)
        if (const auto index = learned.parameterOf (controller); index != noParameter)
            now.push_back ({ controller, index, true });
    for (const auto& fixed : controllerTable)
        if (learned.parameterOf (fixed.number) == noParameter)
            now.push_back ({ fixed.number, fixed.parameter, false });
    return now;
}

void ControllerList::poll()
{
    if (! isShowing() || ! isSeldom())
        return;
    if (auto now = present(); ! (now == rows))
    {
        rows = std::move (now);
        list.updateContent();
        list.repaint();
    }
}

juce::String ControllerList::getNameForRow (int row)
{
    if (! juce::isPositiveAndBelow (row, getNumRows()))
        return {};
    const auto& shown = rows[static_cast<std::size_t> (row)];
    return "CC " + juce::String (shown.controller) + " sets " + parameterTable[shown.parameter].name
        + (shown.isLearned ? ", learned" : "");
}

void ControllerList::paintListBoxItem (
    int row, juce::Graphics& g, int width, int height, bool isSelected)
{
    if (! juce::isPositiveAndBelow (row, getNumRows()))
        return;
    const auto& shown = rows[static_cast<std::size_t> (row)];
    if (isSelected)
        g.fillAll (colour::tint);
    g.setFont (plainFont (bodyType));
    g.setColour (shown.isLearned ? colour::accent : colour::quiet);
    g.drawText ("CC " + juce::String (shown.controller),
                4,
                0,
                54,
                height,
                juce::Justification::centredLeft,
                false);
    g.setColour (colour::ink);
    g.drawText (parameterTable[shown.parameter].name,
                60,
                0,
                width - 86,
                height,
                juce::Justification::centredLeft,
                true);
    if (! shown.isLearned)
        return;
    const auto cross =
        juce::Rectangle<float> (8.0f, 8.0f)
            .withCentre ({ static_cast<float> (width) - 14.0f, static_cast<float> (height) / 2 });
    g.setColour (colour::quiet);
    g.drawLine ({ cross.getTopLeft(), cross.getBottomRight() }, 1.4f);
    g.drawLine ({ cross.getBottomLeft(), cross.getTopRight() }, 1.4f);
}

void ControllerList::listBoxItemClicked (int row, const juce::MouseEvent& event)
{
    if (event.x > list.getVisibleRowWidth() - 28)
        forget (row);
}

void ControllerList::forget (int row)
{
    if (juce::isPositiveAndBelow (row, getNumRows())
        && rows[static_cast<std::size_t> (row)].isLearned)
        desk.processor.instrument.learned.assign (rows[static_cast<std::size_t> (row)].controller,
                                                  noParameter);
}

void ControllerList::paint (juce::Graphics& g)
{
    g.setColour (colour::ink);
    g.setFont (boldFont (bodyType));
    g.drawText ("MIDI controllers",
                getLocalBounds().removeFromTop (22),
                juce::Justification::centredLeft,
                true);
    g.setColour (colour::quiet);
    g.setFont (plainFont (smallType));
    g.drawFittedText ("Right-click any control to learn one.",
                      getLocalBounds().removeFromBottom (20),
                      juce::Justification::centredLeft,
                      1);
}

void ControllerList::resized()
{
    list.setBounds (getLocalBounds().withTrimmedTop (26).withTrimmedBottom (24));
}

}  // namespace hexachord
