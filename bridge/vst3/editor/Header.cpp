#include "Header.h"

#include "Names.h"
#include "Theme.h"

namespace hexachord
{
namespace
{

juce::String fileNameFor (const juce::String& name)
{
    const auto legal = juce::File::createLegalFileName (name.trim());
    return (legal.isEmpty() ? juce::String ("voice") : legal) + ".syx";
}

juce::File musicFolder()
{
    return juce::File::getSpecialLocation (juce::File::userDocumentsDirectory);
}

// The mark: a hexagon of six dots.
void drawMark (juce::Graphics& g, juce::Point<float> centre, float radius)
{
    for (auto i = 0; i < 6; ++i)
    {
        const auto dot = centre.getPointOnCircumference (
            radius, static_cast<float> (i) * juce::MathConstants<float>::pi / 3);
        g.setColour (i == 0 ? colour::accent : colour::ink);
        g.fillEllipse (juce::Rectangle<float> (5.6f, 5.6f).withCentre (dot));
    }
}

}  // namespace

Header::Header (Desk& owner) : Polled (owner), spectrum (owner), level (owner)
{
    previous.onClick = [this] { tell (desk.sounds.step (-1)); };
    next.onClick = [this] { tell (desk.sounds.step (1)); };
    undo.onClick = [this] { desk.history.undo(); };
    redo.onClick = [this] { desk.history.redo(); };
    compare.onClick = [this] { desk.sounds.compare(); };
    compare.setTooltip ("Hear the voice as the bank stores it, and go back to the edits");
    load.onClick = [this] { openFile(); };
    load.setTooltip (
        "Load a neural model (.ts) or a DX7 voice or bank (.syx); or drop the file anywhere");
    save.onClick = [this] { showSaveMenu(); };
    save.setTooltip ("Store the voice in the bank, save a voice or the bank to a file");
    voiceName.setFont (boldFont (titleType));
    voiceName.setJustificationType (juce::Justification::centred);
    voiceName.setEditable (false, true, false);
    voiceName.setTitle ("Voice name");
    voiceName.onTextChange = [this] { tell (desk.sounds.rename (voiceName.getText())); };
    for (auto* button : { &compare, &load, &save })
        button->setMouseClickGrabsKeyboardFocus (false);
    for (auto* part : std::initializer_list<juce::Component*> { &previous,
                                                                &voiceName,
                                                                &next,
                                                                &undo,
                                                                &redo,
                                                                &compare,
                                                                &load,
                                                                &save,
                                                                &spectrum,
                                                                &level })
        addAndMakeVisible (part);
    poll();
}

void Header::poll()
{
    if (! isSeldom())
        return;
    desk.sounds.endStaleComparison();
    undo.setEnabled (desk.history.canUndo());
    redo.setEnabled (desk.history.canRedo());
    const auto isNeural = desk.neuralSound().has_value();
    const auto isEdited = ! isNeural && desk.sounds.isEdited();
    compare.setEnabled (isEdited || desk.sounds.isComparing());
    compare.setToggleState (desk.sounds.isComparing(), juce::dontSendNotification);
    save.setEnabled (! isNeural);
    voiceName.setEditable (false, ! isNeural, false);
    voiceName.setTooltip (isNeural ? "" : "Double-click to rename the voice");
    if (! voiceName.isBeingEdited())
        voiceName.setText (isNeural ? instrumentTitle (desk.neuralSound()->instrument)
                                    : desk.sounds.voiceName(),
                           juce::dontSendNotification);
    const auto line = isNeural ? instrumentLine() : voiceLine (isEdited);
    if (line != shownLine)
    {
        shownLine = line;
        repaint (voicePanel);
    }
}

juce::String Header::voiceLine (bool isEdited) const
{
    const auto& instrument = desk.processor.instrument;
    auto line = juce::String (instrument.program() + 1) + " of 32";
    if (instrument.bankName().isNotEmpty())
        line << "  in  " << instrument.bankName();
    return line << (desk.sounds.isComparing() ? "  (as stored)" : isEdited ? "  (edited)" : "");
}

juce::String Header::instrumentLine() const
{
    const auto& model = desk.neuralSound()->model;
    juce::String line (desk.isDdx7() ? "DX7 voice played by a network" : "neural instrument");
    if (model.isNotEmpty())
        line << "  in  " << modelTitle (model);
    return line << (isModelEdited() ? "  (edited)" : "");
}

bool Header::isModelEdited() const
{
    const auto& patch = desk.facts().patch;
    for (auto i = 0; patch.has_value() && i < fieldCount; ++i)
        if (desk.processor.parameter (firstVoiceParameter + i).plain()
            != (*patch)[static_cast<std::size_t> (i)] + static_cast<float> (fieldTable[i].shownFrom))
            return true;
    return false;
}

void Header::openFile()
{
    chooser = std::make_unique<juce::FileChooser> (
        "Load a model, a DX7 voice or bank", musicFolder(), "*.ts;*.syx;*.SYX");
    chooser->launchAsync (
        juce::FileBrowserComponent::openMode | juce::FileBrowserComponent::canSelectFiles,
        [self = juce::Component::SafePointer<Header> (this)] (const juce::FileChooser& done)
        {
            if (self != nullptr && done.getResult() != juce::File())
                self->tell (self->desk.sounds.loadFile (done.getResult()));
        });
}

void Header::saveTo (const juce::String& proposedName,
                     const juce::String& title,
                     Outcome (Sounds::*saveMethod) (const juce::File&))
{
    chooser = std::make_unique<juce::FileChooser> (
        title, musicFolder().getChildFile (fileNameFor (proposedName)), "*.syx");
    chooser->launchAsync (juce::FileBrowserComponent::saveMode
                              | juce::FileBrowserComponent::canSelectFiles
                              | juce::FileBrowserComponent::warnAboutOverwriting,
                          [self = juce::Component::SafePointer<Header> (this),
                           saveMethod] (const juce::FileChooser& done)
                          {
                              if (self != nullptr && done.getResult() != juce::File())
                                  self->tell ((self->desk.sounds.*saveMethod) (
                                      done.getResult().withFileExtension ("syx")));
                          });
}

void Header::showSaveMenu()
{
    juce::PopupMenu menu;
    const juce::Component::SafePointer<Header> self (this);
    const auto when = [self] (auto action)
    {
        return [self, action]
        {
            if (self != nullptr)
                action (*self);
        };
    };
    menu.addItem ("Store the voice in the bank",
                  desk.sounds.isEdited(),
                  false,
                  when ([] (Header& header) { header.tell (header.desk.sounds.storeVoice()); }));
    menu.addItem ("Rename the voice...",
                  when ([] (Header& header) { header.voiceName.showEditor(); }));
    menu.addSeparator();
    menu.addItem ("Save the voice...",
                  when (
                      [] (Header& header)
                      {
                          header.saveTo (
                              header.desk.sounds.voiceName(), "Save the voice", &Sounds::saveVoice);
                      }));
    menu.addItem ("Save the bank...",
                  when (
                      [] (Header& header)
                      {
                          const auto name = header.desk.processor.instrument.bankName();
                          header.saveTo (
                              name.isEmpty() ? "bank" : name, "Save the bank", &Sounds::saveBank);
                      }));
    menu.setLookAndFeel (&getLookAndFeel());
    menu.showMenuAsync (juce::PopupMenu::Options().withTargetComponent (save));
}

void Header::paint (juce::Graphics& g)
{
    drawMark (g, { 28.0f, static_cast<float> (getHeight()) / 2 }, 10.5f);
    g.setColour (colour::ink);
    g.setFont (boldFont (19.0f));
    g.drawText ("Hexachord", 50, 0, 150, getHeight(), juce::Justification::centredLeft, false);
    g.setColour (colour::card);
    g.fillRoundedRectangle (voicePanel.toFloat(), 6.0f);
    g.setColour (colour::line);
    g.drawRoundedRectangle (voicePanel.toFloat().reduced (0.5f), 6.0f, 1.0f);
    g.setColour (colour::quiet);
    g.setFont (plainFont (smallType));
    g.drawText (shownLine,
                voicePanel.withTrimmedTop (22).reduced (8, 0),
                juce::Justification::centred,
                true);
}

void Header::resized()
{
    auto area = getLocalBounds().reduced (16, 10);
    area.removeFromLeft (184);
    const auto place = [&area] (juce::Component& part, int width, int gap)
    {
        part.setBounds (area.removeFromLeft (width).withSizeKeepingCentre (width, 32));
        area.removeFromLeft (gap);
    };
    place (previous, 32, 6);
    voicePanel = area.removeFromLeft (270);
    voiceName.setBounds (voicePanel.withHeight (26).reduced (4, 0));
    area.removeFromLeft (6);
    place (next, 32, 24);
    place (undo, 34, 6);
    place (redo, 34, 10);
    place (compare, 84, 10);
    place (load, 60, 6);
    place (save, 60, 20);
    level.setBounds (area.removeFromRight (8));
    area.removeFromRight (10);
    spectrum.setBounds (area);
}

}  // namespace hexachord
