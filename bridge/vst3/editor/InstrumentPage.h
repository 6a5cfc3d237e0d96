// The neural instrument that plays: its name, the pitch of what it plays, its style and the spectrum;
// of a DDX7 model, which has no style, the levels of its operators.
#pragma once

#include "LevelTrace.h"
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
    LevelTrace levels;
    PitchTrace trace;
    StylePanel style;

    // As shown: the pitch, and which instrument it is of if that is another than the chosen one.
    juce::String keyText, pitchText, otherInstrument;
};

}  // namespace hexachord
