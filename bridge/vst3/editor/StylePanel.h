// What style does on the chosen instrument, between which ends; or that it does nothing.
#pragma once

#include "Cells.h"

namespace hexachord
{

class StylePanel final : public juce::Component
{
public:
    explicit StylePanel (Desk& owner);
    void paint (juce::Graphics& g) override;
    void resized() override;

    // Another instrument was chosen.
    void showSound();

private:
    juce::String explanation() const;

    Desk& desk;
    Bar style;
};

}  // namespace hexachord
