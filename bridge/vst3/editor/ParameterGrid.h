// A titled block of small controls, row by row.
#pragma once

#include "Cells.h"

namespace hexachord
{

struct Cell
{
    int parameter;
    juce::String name;
};

// Cells by parameter id and the short name that stands in the grid.
std::vector<Cell> cellsOf (std::initializer_list<std::pair<const char*, const char*>> names);

class ParameterGrid final : public juce::Component
{
public:
    ParameterGrid (Desk& desk, juce::String title, const std::vector<Cell>& shown, int columnCount);

    // The same cells for other parameters.
    void show (const std::vector<Cell>& shown);

    // Dims the cell of a parameter that does nothing on the present sound.
    void setUsed (int parameter, bool isUsed);

    int heightNeeded() const;
    void paint (juce::Graphics& g) override;
    void resized() override;

private:
    std::vector<std::unique_ptr<Control>> cells;
    juce::String heading;
    int columns;
};

}  // namespace hexachord
