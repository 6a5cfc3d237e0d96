// What belongs to the whole voice: LFO, pitch envelope, transposition, operator sync.
#pragma once

#include "EnvelopeView.h"
#include "ParameterGrid.h"

namespace hexachord
{

class ModulationPage final : public juce::Component
{
public:
    explicit ModulationPage (Desk& desk);
    void paint (juce::Graphics& g) override;
    void resized() override;

private:
    ParameterGrid lfo, voice, pitch;
    EnvelopeView envelope;
};

}  // namespace hexachord
