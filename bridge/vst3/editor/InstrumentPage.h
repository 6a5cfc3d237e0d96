// The neural instrument that plays: its name, the pitch and the spectrum of what it plays, its
// style.
#pragma once

#include "PartialView.h"
#include "PitchTrace.h"
#include "StylePanel.h"

namespace hexachord
{

class InstrumentPage final : public juce::Component, public Polled
{
public:
    explicit InstrumentPage (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;
    void resized() override;

    // Another instrument was chosen.
    void showSound();

private:
    juce::String origin() const;

    // For screen readers.
    void describe();
    void paintPitch (juce::Graphics& g, juce::Rectangle<int> area) const;

    PartialView partials;
    PitchTrace trace;
    StylePanel style;

    // As shown: the pitch, and which instrument it is of if that is another than the chosen one.
    juce::String keyText, pitchText, otherInstrument;
};

}  // namespace hexachord
