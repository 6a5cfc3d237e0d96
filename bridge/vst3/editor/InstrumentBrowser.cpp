#include "InstrumentBrowser.h"

#include "Names.h"
#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int rowHeight = 22;

}  // namespace

InstrumentBrowser::InstrumentBrowser (Desk& owner)
    : Polled (owner), rows (present()), list ("Instruments", this)
{
    setTitle ("Instrument browser");
    list.setTitle ("Neural instruments");
    list.setRowHeight (rowHeight);
    load.setTooltip ("Load an instrument that you have trained (hexachord train live, train ddx7); "
                     "a .ts file may also be dropped anywhere");
    load.setMouseClickGrabsKeyboardFocus (false);
    load.onClick = [this] { loadWanted(); };
    for (auto* part : std::initializer_list<juce::Component*> { &list, &load })
        addAndMakeVisible (part);
    mark();
}

std::vector<InstrumentBrowser::Row> InstrumentBrowser::present() const
{
    const auto& instrument = desk.processor.instrument;
    std::vector<Row> now;
    const auto add = [&] (const juce::String& model)
    {
        for (const auto& facts : instrument.instruments (model))
            now.push_back ({ { model, facts.name }, facts.hasStyle });
    };
    add ({});
    for (const auto& path : instrument.models())
    {
        now.push_back ({ { path, {} }, false });
        add (path);
    }
    return now;
}

void InstrumentBrowser::poll()
{
    if (! isShowing() || ! isSeldom())
        return;
    if (auto now = present(); ! (now == rows))
    {
        rows = std::move (now);
        list.updateContent();
        mark();
    }
}

void InstrumentBrowser::showSound()
{
    rows = present();
    list.updateContent();
    mark();
}

void InstrumentBrowser::mark()
{
    const juce::ScopedValueSetter<bool> marking (isMarking, true);
    const auto& chosen = desk.neuralSound();
    const auto found = std::find_if (rows.begin(),
                                     rows.end(),
                                     [&] (const Row& row)
                                     { return chosen.has_value() && row.sound == *chosen; });
    if (found == rows.end())
    {
        list.deselectAllRows();
    }
    else
    {
        const auto row = static_cast<int> (found - rows.begin());
        list.selectRow (row);
        list.scrollToEnsureRowIsOnscreen (row);
        // The heading above the first instrument of a model comes into view with it.
        if (row > 0 && rows[static_cast<std::size_t> (row - 1)].isHeading())
            list.scrollToEnsureRowIsOnscreen (row - 1);
    }
    list.repaint();
}

void InstrumentBrowser::selectedRowsChanged (int lastRow)
{
    if (isMarking || ! juce::isPositiveAndBelow (lastRow, getNumRows()))
        return;
    const auto row = rows[static_cast<std::size_t> (lastRow)];
    if (row.isHeading())
        return;
    const auto outcome = desk.sounds.choose (row.sound);
    desk.tell (outcome);
    if (outcome.failed)
        mark();
}

juce::String InstrumentBrowser::getNameForRow (int row)
{
    if (! juce::isPositiveAndBelow (row, getNumRows()))
        return {};
    const auto& shown = rows[static_cast<std::size_t> (row)];
    if (shown.isHeading())
        return modelTitle (shown.sound.model);
    return instrumentTitle (shown.sound.instrument) + (shown.hasStyle ? ", follows style" : "");
}

void InstrumentBrowser::paintListBoxItem (
    int row, juce::Graphics& g, int width, int height, bool isSelected)
{
    if (! juce::isPositiveAndBelow (row, getNumRows()))
        return;
    const auto& shown = rows[static_cast<std::size_t> (row)];
    const auto text = juce::Rectangle<int> (width, height).reduced (10, 0);
    if (shown.isHeading())
    {
        g.setColour (colour::quiet);
        g.setFont (plainFont (smallType));
        g.drawText (modelTitle (shown.sound.model), text, juce::Justification::bottomLeft, true);
        return;
    }
    const auto& chosen = desk.neuralSound();
    const auto isChosen = chosen.has_value() && shown.sound == *chosen;
    if (isSelected || isChosen)
    {
        g.setColour (colour::tint);
        g.fillRoundedRectangle (juce::Rectangle<int> (width, height).toFloat().reduced (0.0f, 1.0f),
                                4.0f);
    }
    g.setFont (isChosen ? boldFont (bodyType) : plainFont (bodyType));
    g.setColour (isChosen ? colour::accent : colour::ink);
    g.drawText (instrumentTitle (shown.sound.instrument),
                text.withTrimmedRight (shown.hasStyle ? 34 : 0),
                juce::Justification::centredLeft,
                true);
    if (! shown.hasStyle)
        return;
    g.setFont (plainFont (smallType));
    g.setColour (isChosen ? colour::accent : colour::quiet);
    g.drawText ("style", text, juce::Justification::centredRight, false);
}

void InstrumentBrowser::resized()
{
    auto area = getLocalBounds();
    load.setBounds (area.removeFromBottom (30));
    area.removeFromBottom (8);
    list.setBounds (area);
    // What is chosen comes into view.
    mark();
}

}  // namespace hexachord
