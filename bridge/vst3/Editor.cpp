#include "Editor.h"

namespace hexachord
{
namespace
{

constexpr int pollsPerSecond = 30, restingPollsPerSecond = 12;
constexpr int smallestPercent = 60, largestPercent = 200;

}  // namespace

Editor::Editor (Processor& owner)
    : AudioProcessorEditor (owner), processor (owner), desk (owner), face (desk)
{
    setTitle ("Hexachord");
    setLookAndFeel (&theme);
    setOpaque (true);
    setWantsKeyboardFocus (true);
    setFocusContainerType (FocusContainerType::keyboardFocusContainer);
    addAndMakeVisible (face);
    // Sizing below writes to it.
    const auto remembered = processor.editorSize.width;
    face.statusBar().scaleWanted = [this] (int percent) { setScale (percent); };
    setResizable (true, true);
    setResizeLimits (Face::width * smallestPercent / 100,
                     Face::height * smallestPercent / 100,
                     Face::width * largestPercent / 100,
                     Face::height * largestPercent / 100);
    getConstrainer()->setFixedAspectRatio (static_cast<double> (Face::width) / Face::height);
    setWidth (remembered > 0 ? remembered : Face::width);
    processor.meter.setWatched (true);
    startTimerHz (pollsPerSecond);
}

Editor::~Editor()
{
    stopTimer();
    processor.meter.setWatched (false);
    setLookAndFeel (nullptr);
}

void Editor::setScale (int percent)
{
    setWidth (juce::roundToInt (Face::width * percent / 100.0));
}

void Editor::setWidth (int wanted)
{
    const auto width = juce::jlimit (
        Face::width * smallestPercent / 100, Face::width * largestPercent / 100, wanted);
    setSize (width, juce::roundToInt (static_cast<double> (width) * Face::height / Face::width));
}

void Editor::timerCallback()
{
    // A state that was restored meanwhile brings its size.
    if (const auto width = processor.editorSize.width; width > 0 && width != getWidth())
        setWidth (width);
    desk.poll();
    // Waking up costs more than looking: in silence, with the mouse elsewhere, look less often.
    const auto isLively = processor.meter.sounding() > 0 || isMouseOver (true);
    const auto intervalMs = 1000 / (isLively ? pollsPerSecond : restingPollsPerSecond);
    if (getTimerInterval() != intervalMs)
        startTimer (intervalMs);
}

void Editor::paint (juce::Graphics& g)
{
    g.fillAll (colour::paper);
}

void Editor::resized()
{
    const auto scale = static_cast<float> (getWidth()) / static_cast<float> (Face::width);
    face.setTransform (juce::AffineTransform::scale (scale));
    face.statusBar().showScale (juce::roundToInt (scale * 100.0f));
    processor.editorSize = { getWidth(), getHeight() };
}

bool Editor::keyPressed (const juce::KeyPress& key)
{
    const auto modifiers = key.getModifiers();
    if (! modifiers.isCommandDown() || modifiers.isAltDown())
        return false;
    if (key.isKeyCode ('Z'))
        modifiers.isShiftDown() ? desk.history.redo() : desk.history.undo();
    else if (key.isKeyCode ('Y'))
        desk.history.redo();
    else
        return false;
    return true;
}

void Editor::chooseInstrument (const juce::String& name)
{
    desk.tell (desk.sounds.choose (NeuralSound { {}, name }));
}

void Editor::filesDropped (const juce::StringArray& files, int, int)
{
    face.setDropTarget (false);
    if (files.isEmpty())
        return;
    desk.tell (desk.sounds.loadFile (juce::File (files[0])));
}

}  // namespace hexachord
