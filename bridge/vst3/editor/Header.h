// The top line: the product, the sound with previous and next, history, comparison, files, what
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

    // Asks for a file and loads it.
    void openFile();

private:
    void showSaveMenu();
    void saveTo (const juce::String& proposedName,
                 const juce::String& title,
                 Outcome (Sounds::*save) (const juce::File&));
    void tell (const Outcome& outcome) { desk.tell (outcome); }
    juce::String voiceLine (bool isEdited) const;
    juce::String instrumentLine() const;
    bool isModelEdited() const;

    IconButton previous { Icon::previous, "Previous sound" }, next { Icon::next, "Next sound" };
    IconButton undo { Icon::undo, "Undo" }, redo { Icon::redo, "Redo" };
    juce::Label voiceName;
    juce::TextButton compare { "Compare" }, load { "Load" }, save { "Save" };
    Spectrum spectrum;
    LevelMeter level;
    std::unique_ptr<juce::FileChooser> chooser;
    juce::Rectangle<int> voicePanel;
    juce::String shownLine;
};

}  // namespace hexachord
