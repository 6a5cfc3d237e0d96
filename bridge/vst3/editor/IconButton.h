// A small square button with a drawn sign.
#pragma once

#include <juce_gui_basics/juce_gui_basics.h>

namespace hexachord
{

enum class Icon
{
    previous,
    next,
    undo,
    redo
};

class IconButton final : public juce::Button
{
public:
    IconButton (Icon shown, const juce::String& name);
    void paintButton (juce::Graphics& g, bool isOver, bool isDown) override;

private:
    Icon icon;
};

}  // namespace hexachord
