// The bank: which one it is, its 32 voices, a search. Choosing a voice loads it.
#pragma once

#include "Desk.h"

namespace hexachord
{

class VoiceBrowser final : public juce::Component, public juce::ListBoxModel, public Polled
{
public:
    explicit VoiceBrowser (Desk& owner);

    void poll() override;

    // Another sound was chosen: while a neural instrument plays, no voice is marked.
    void showSound() { poll(); }

    void paint (juce::Graphics& g) override;
    void resized() override;

    int getNumRows() override { return static_cast<int> (rows.size()); }
    void paintListBoxItem (
        int row, juce::Graphics& g, int width, int height, bool isSelected) override;
    void selectedRowsChanged (int lastRow) override;
    juce::String getNameForRow (int row) override;

    // Asked for by the bank menu.
    std::function<void()> loadWanted = [] {};

private:
    void filter();
    void markChosen();
    void showBanks();

    juce::TextButton bankButton;
    juce::TextEditor search;
    juce::ListBox list;
    std::vector<BundledBank> bundled;
    Bank bank = initialBank();
    juce::StringArray names;
    juce::String bankName;
    std::vector<int> rows;
    int chosen = -1;
    bool isEdited = false, isMarking = false;
};

}  // namespace hexachord
