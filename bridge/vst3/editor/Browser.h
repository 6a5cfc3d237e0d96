// All sounds on one card: neural instruments or the voices of a DX7 bank. It shows the kind that
// plays, until the user looks at the other.
#pragma once

#include "InstrumentBrowser.h"
#include "VoiceBrowser.h"

namespace hexachord
{

class Browser final : public juce::Component
{
public:
    explicit Browser (Desk& owner);
    void paint (juce::Graphics& g) override;
    void resized() override;

    // Another sound was chosen.
    void showSound();

    // A file is to be asked for.
    std::function<void()> loadWanted = [] {};

private:
    void showInstruments (bool isWanted);

    Desk& desk;
    juce::TextButton instrumentsButton { "Instruments" }, voicesButton { "DX7" };
    InstrumentBrowser instruments;
    VoiceBrowser voices;
};

}  // namespace hexachord
