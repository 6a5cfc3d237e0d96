// How the instrument is played: voices, pitch, phrasing, output, and what controllers do.
#pragma once

#include "ControllerList.h"
#include "ParameterGrid.h"

namespace hexachord
{

class PlayingPage final : public juce::Component
{
public:
    explicit PlayingPage (Desk& owner);
    void paint (juce::Graphics& g) override;
    void resized() override;

    // Another sound was chosen: the modulators are a DX7 voice's own, and style does something only
    // where a model says so.
    void showSound();

private:
    Desk& desk;
    ParameterGrid voices, pitch, phrase, modulators;
    ControllerList controllers;
};

}  // namespace hexachord
