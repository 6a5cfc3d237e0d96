// The top line: the product, the voice with previous and next, history, comparison, files, what
// sounds.
#pragma once

#include "IconButton.h"
#include "Scope.h"

namespace hexachord
{

class Header final : public juce::Component, public Polled
{
public:
    explicit Header (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;
    void resized() override;

    // Asks for a .syx file and loads it.
    void openFile();

private:
    void showSaveMenu();
    void saveTo (const juce::String& proposedName,
                 const juce::String& title,
                 Outcome (Sounds::*save) (const juce::File&));
    void tell (const Outcome& outcome) { desk.say (outcome.line, outcome.failed); }

    IconButton previous { Icon::previous, "Previous voice" }, next { Icon::next, "Next voice" };
    IconButton undo { Icon::undo, "Undo" }, redo { Icon::redo, "Redo" };
    juce::Label voiceName;
    juce::TextButton compare { "Compare" }, load { "Load" }, save { "Save" };
    Spectrum spectrum;
    LevelMeter level;
    std::unique_ptr<juce::FileChooser> chooser;
    juce::Rectangle<int> voicePanel;
    juce::String shownLine;
    bool isEdited = false;
};

}  // namespace hexachord
