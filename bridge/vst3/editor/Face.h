// All parts of the editor in their places, at 100 %. The window scales it as a whole.
#pragma once

#include "Browser.h"
#include "Header.h"
#include "InstrumentPage.h"
#include "Keys.h"
#include "Knob.h"
#include "ModulationPage.h"
#include "OperatorPage.h"
#include "PlayingPage.h"
#include "StatusBar.h"
#include "Tabs.h"

namespace hexachord
{

class Face final : public juce::Component, private juce::MidiKeyboardState::Listener
{
public:
    static constexpr int width = 1120, height = 752;

    explicit Face (Desk& owner);
    ~Face() override;

    void paint (juce::Graphics& g) override;
    void paintOverChildren (juce::Graphics& g) override;
    void resized() override;

    enum Page
    {
        operators,
        modulation,
        playing,
        instrument
    };

    void showPage (int index) { tabs.choose (index); }
    void setDropTarget (bool isOne);
    StatusBar& statusBar() noexcept { return status; }

private:
    void showSound();
    void handleNoteOn (juce::MidiKeyboardState*, int, int key, float velocity) override;
    void handleNoteOff (juce::MidiKeyboardState*, int, int key, float) override;

    Desk& desk;
    Header header;
    std::array<std::unique_ptr<Knob>, 7> knobs;
    Browser browser;
    Tabs tabs;
    OperatorPage operatorPage;
    ModulationPage modulationPage;
    PlayingPage playingPage;
    InstrumentPage instrumentPage;
    juce::MidiKeyboardState keys;
    Keys keyboard;
    StatusBar status;
    juce::Rectangle<int> knobCard, pageCard;
    bool isDropTarget = false;
};

}  // namespace hexachord
