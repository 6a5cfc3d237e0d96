// The neural instruments: the bundled ones, then those of each model that the user has loaded.
// Choosing one plays it.
#pragma once

#include "Desk.h"

namespace hexachord
{

class InstrumentBrowser final : public juce::Component, public juce::ListBoxModel, public Polled
{
public:
    explicit InstrumentBrowser (Desk& owner);

    void poll() override;
    void resized() override;

    // Another sound was chosen.
    void showSound();

    int getNumRows() override { return static_cast<int> (rows.size()); }
    void paintListBoxItem (
        int row, juce::Graphics& g, int width, int height, bool isSelected) override;
    void selectedRowsChanged (int lastRow) override;
    juce::String getNameForRow (int row) override;

    // The button for a model of the user's own was pressed.
    std::function<void()> loadWanted = [] {};

private:
    // A row without an instrument is the heading of a model.
    struct Row
    {
        NeuralSound sound;
        bool hasStyle;

        bool isHeading() const { return sound.instrument.isEmpty(); }
        bool operator== (const Row& other) const
        {
            return sound == other.sound && hasStyle == other.hasStyle;
        }
    };

    std::vector<Row> present() const;
    void mark();

    std::vector<Row> rows;
    juce::ListBox list;
    juce::TextButton load { "Load a model (.ts)..." };
    bool isMarking = false;
};

}  // namespace hexachord
