#include "ParameterGrid.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int gapX = 18, gapY = 6, headingHeight = 26;

}  // namespace

std::vector<Cell> cellsOf (std::initializer_list<std::pair<const char*, const char*>> names)
{
    std::vector<Cell> cells;
    for (const auto& [id, name] : names)
        cells.push_back ({ parameterNamed (id), name });
    return cells;
}

ParameterGrid::ParameterGrid (Desk& desk,
                              juce::String title,
                              const std::vector<Cell>& shown,
                              int columnCount)
    : heading (std::move (title)), columns (columnCount)
{
    setTitle (heading);
    for (const auto& cell : shown)
    {
        cells.push_back (makeCell (desk, cell.parameter, cell.name));
        addAndMakeVisible (*cells.back());
    }
}

void ParameterGrid::show (const std::vector<Cell>& shown)
{
    for (std::size_t i = 0; i < cells.size() && i < shown.size(); ++i)
        cells[i]->show (shown[i].parameter);
}

void ParameterGrid::setUsed (int parameter, bool isUsed)
{
    for (auto& cell : cells)
        if (cell->getComponentID() == juce::StringRef (parameterTable[parameter].id))
            cell->setAlpha (isUsed ? 1.0f : unusedAlpha);
}

int ParameterGrid::heightNeeded() const
{
    const auto rows = (static_cast<int> (cells.size()) + columns - 1) / columns;
    return (heading.isEmpty() ? 0 : headingHeight) + rows * (cellHeight + gapY) - gapY;
}

void ParameterGrid::paint (juce::Graphics& g)
{
    g.setColour (colour::ink);
    g.setFont (boldFont (bodyType));
    g.drawText (heading,
                getLocalBounds().removeFromTop (headingHeight - 4),
                juce::Justification::centredLeft,
                true);
}

void ParameterGrid::resized()
{
    const auto area = getLocalBounds().withTrimmedTop (heading.isEmpty() ? 0 : headingHeight);
    const auto width = (area.getWidth() + gapX) / columns - gapX;
    for (auto i = 0; i < static_cast<int> (cells.size()); ++i)
        cells[static_cast<std::size_t> (i)]->setBounds (area.getX() + i % columns * (width + gapX),
                                                        area.getY()
                                                            + i / columns * (cellHeight + gapY),
                                                        width,
                                                        cellHeight);
}

}  // namespace hexachord
