// Which MIDI controller sets which parameter: the fixed ones, then those learned, which a click
// forgets.
#pragma once

#include "Desk.h"

namespace hexachord
{

class ControllerList final : public juce::Component, public juce::ListBoxModel, public Polled
{
public:
    explicit ControllerList (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;
    void resized() override;
    int getNumRows() override { return static_cast<int> (rows.size()); }
    void paintListBoxItem (
        int row, juce::Graphics& g, int width, int height, bool isSelected) override;
    void listBoxItemClicked (int row, const juce::MouseEvent& event) override;
    void deleteKeyPressed (int row) override { forget (row); }
    juce::String getNameForRow (int row) override;

private:
    struct Row
    {
        int controller, parameter;
        bool isLearned;

        bool operator== (const Row& other) const
        {
            return controller == other.controller && parameter == other.parameter
                && isLearned == other.isLearned;
        }
    };

    std::vector<Row> present() const;
    void forget (int row);

    std::vector<Row> rows;
    juce::ListBox list;
};

}  // namespace hexachord
