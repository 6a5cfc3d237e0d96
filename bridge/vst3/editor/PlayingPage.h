// How the instrument is played: voices, pitch, phrasing, output, and what controllers do.
#pragma once

#include "ControllerList.h"
#include "ParameterGrid.h"

namespace hexachord
{

class PlayingPage final : public juce::Component
{
public:
    explicit PlayingPage (Desk& desk);
    void paint (juce::Graphics& g) override;
    void resized() override;

private:
    ParameterGrid voices, pitch, phrase, modulators;
    ControllerList controllers;
};

}  // namespace hexachord
