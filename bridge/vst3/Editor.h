// The plug-in's window: one face, scaled as a whole from 60 to 200 %, and files dropped on it.
#pragma once

#include "Processor.h"
#include "editor/Face.h"
#include "editor/Theme.h"

namespace hexachord
{

class Editor final : public juce::AudioProcessorEditor,
                     public juce::FileDragAndDropTarget,
                     private juce::Timer
{
public:
    explicit Editor (Processor& owner);
    ~Editor() override;

    void paint (juce::Graphics& g) override;
    void resized() override;
    bool keyPressed (const juce::KeyPress& key) override;

    bool isInterestedInFileDrag (const juce::StringArray&) override { return true; }
    void fileDragEnter (const juce::StringArray&, int, int) override { face.setDropTarget (true); }
    void fileDragExit (const juce::StringArray&) override { face.setDropTarget (false); }
    void filesDropped (const juce::StringArray& files, int, int) override;

    void setScale (int percent);
    void showPage (int index) { face.showPage (index); }

    // As a click in the browser does: a bundled instrument.
    void chooseInstrument (const juce::String& name);
    void selectOperator (int number) { desk.selectOperator (number); }
    const juce::String& statusLine() { return face.statusBar().line(); }

private:
    void timerCallback() override;
    void setWidth (int wanted);

    Processor& processor;
    Theme theme;
    Desk desk;
    Face face;
    juce::TooltipWindow tooltips { this };
};

}  // namespace hexachord
