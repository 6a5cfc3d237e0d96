#include "VoiceBrowser.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int rowHeight = 24;

juce::StringArray namesOf (const Bank& bank)
{
    juce::StringArray names;
    for (const auto& voice : bank.voices)
        names.add (juce::String (nameOf (voice).data()).trimEnd());
    return names;
}

}  // namespace

VoiceBrowser::VoiceBrowser (Desk& owner)
    : Polled (owner), list ("Voices", this), bundled (bundledBanks())
{
    setTitle ("Voice browser");
    bankButton.setTooltip ("Choose a bundled bank or load a .syx file");
    bankButton.setMouseClickGrabsKeyboardFocus (false);
    bankButton.onClick = [this] { showBanks(); };
    search.setTitle ("Search voices");
    search.setFont (plainFont (bodyType));
    search.setTextToShowWhenEmpty ("Search", colour::quiet);
    search.setJustification (juce::Justification::centredLeft);
    search.setIndents (8, 0);
    search.onTextChange = [this] { filter(); };
    search.onEscapeKey = [this]
    {
        search.clear();
        filter();
    };
    search.onReturnKey = [this]
    {
        if (! rows.empty())
            list.selectRow (0);
        list.grabKeyboardFocus();
    };
    list.setTitle ("Voices of the bank");
    list.setRowHeight (rowHeight);
    for (auto* part : std::initializer_list<juce::Component*> { &bankButton, &search, &list })
        addAndMakeVisible (part);
    poll();
}

void VoiceBrowser::poll()
{
    if (! isVisible() && ! names.isEmpty())
        return;
    const auto& instrument = desk.processor.instrument;
    const auto program = instrument.isNeural() ? -1 : instrument.program();
    if (! isSeldom() && program == chosen)
        return;
    const auto now = instrument.bank();
    const auto newName = instrument.bankName();
    const auto newEdited = desk.sounds.isEdited();
    if (names.isEmpty() || now.voices != bank.voices || newName != bankName)
    {
        bank = now;
        names = namesOf (bank);
        bankName = newName;
        bankButton.setButtonText (bankName.isEmpty() ? juce::String ("Bank") : bankName);
        bankButton.setTitle ("Bank: " + bankButton.getButtonText());
        chosen = -1;
        filter();
    }
    if (program != chosen)
    {
        chosen = program;
        markChosen();
    }
    if (newEdited != isEdited)
    {
        isEdited = newEdited;
        list.repaint();
    }
}

void VoiceBrowser::filter()
{
    rows.clear();
    const auto wanted = search.getText().trim();
    for (auto i = 0; i < names.size(); ++i)
        if (wanted.isEmpty() || names[i].containsIgnoreCase (wanted))
            rows.push_back (i);
    list.updateContent();
    markChosen();
    list.repaint();
}

void VoiceBrowser::markChosen()
{
    const juce::ScopedValueSetter<bool> marking (isMarking, true);
    const auto found = std::find (rows.begin(), rows.end(), chosen);
    if (found == rows.end())
        list.deselectAllRows();
    else
        list.selectRow (static_cast<int> (found - rows.begin()));
}

void VoiceBrowser::selectedRowsChanged (int lastRow)
{
    if (isMarking || ! juce::isPositiveAndBelow (lastRow, getNumRows()))
        return;
    chosen = rows[static_cast<std::size_t> (lastRow)];
    desk.tell (desk.sounds.choose (chosen));
}

void VoiceBrowser::showBanks()
{
    juce::PopupMenu menu;
    const juce::Component::SafePointer<VoiceBrowser> self (this);
    menu.addSectionHeader ("Bundled banks");
    for (std::size_t i = 0; i < bundled.size(); ++i)
        menu.addItem (bundled[i].name,
                      true,
                      bundled[i].name == bankName,
                      [self, i]
                      {
                          if (self == nullptr)
                              return;
                          const auto& wanted = self->bundled[i];
                          self->desk.tell (self->desk.sounds.load (wanted.data, wanted.name));
                      });
    menu.addSeparator();
    menu.addItem ("Load a file...",
                  [self]
                  {
                      if (self != nullptr)
                          self->loadWanted();
                  });
    menu.setLookAndFeel (&getLookAndFeel());
    menu.showMenuAsync (juce::PopupMenu::Options()
                            .withTargetComponent (bankButton)
                            .withMinimumWidth (bankButton.getWidth()));
}

juce::String VoiceBrowser::getNameForRow (int row)
{
    if (! juce::isPositiveAndBelow (row, getNumRows()))
        return {};
    const auto program = rows[static_cast<std::size_t> (row)];
    return juce::String (program + 1) + " " + names[program];
}

void VoiceBrowser::paintListBoxItem (
    int row, juce::Graphics& g, int width, int height, bool isSelected)
{
    if (! juce::isPositiveAndBelow (row, getNumRows()))
        return;
    const auto program = rows[static_cast<std::size_t> (row)];
    const auto isChosen = program == chosen;
    if (isSelected || isChosen)
    {
        g.setColour (colour::tint);
        g.fillRoundedRectangle (juce::Rectangle<int> (width, height).toFloat().reduced (0.0f, 1.0f),
                                4.0f);
    }
    g.setFont (plainFont (smallType));
    g.setColour (isChosen ? colour::accent : colour::quiet);
    g.drawText (
        juce::String (program + 1), 0, 0, 28, height, juce::Justification::centredRight, false);
    g.setFont (isChosen ? boldFont (bodyType) : plainFont (bodyType));
    g.setColour (isChosen ? colour::accent : colour::ink);
    g.drawText (names[program], 38, 0, width - 56, height, juce::Justification::centredLeft, true);
    if (isChosen && isEdited)
        g.fillEllipse (juce::Rectangle<float> (6.0f, 6.0f)
                           .withCentre ({ static_cast<float> (width) - 12.0f,
                                          static_cast<float> (height) / 2 }));
}

void VoiceBrowser::paint (juce::Graphics& g)
{
    if (rows.empty())
    {
        g.setColour (colour::quiet);
        g.setFont (plainFont (bodyType));
        g.drawText ("No such voice",
                    list.getBounds().removeFromTop (40),
                    juce::Justification::centred,
                    false);
    }
}

void VoiceBrowser::resized()
{
    auto area = getLocalBounds();
    bankButton.setBounds (area.removeFromTop (30));
    area.removeFromTop (8);
    search.setBounds (area.removeFromTop (28));
    area.removeFromTop (8);
    list.setBounds (area);
}

}  // namespace hexachord
