#include "Acts.h"

#include <iostream>

namespace hexachord
{
namespace
{

juce::String bankHash (const Processor& processor)
{
    const auto dump = bankDump (processor.instrument.bank());
    return juce::String::toHexString (
        static_cast<juce::int64> (juce::Base64::toBase64 (dump.data(), dump.size()).hashCode64()));
}

juce::Component* find (juce::Component& parent, const juce::String& id)
{
    for (auto* child : parent.getChildren())
    {
        if (child->getComponentID() == id && child->isShowing())
            return child;
        if (auto* found = find (*child, id))
            return found;
    }
    return nullptr;
}

// Hosts hear of parameters as this does.
struct Recorder final : juce::AudioProcessorListener
{
    void audioProcessorParameterChanged (juce::AudioProcessor*, int, float) override { ++changes; }
    void audioProcessorChanged (juce::AudioProcessor*, const ChangeDetails&) override {}
    void audioProcessorParameterChangeGestureBegin (juce::AudioProcessor*, int) override
    {
        ++begun;
    }
    void audioProcessorParameterChangeGestureEnd (juce::AudioProcessor*, int) override { ++ended; }

    void print (const char* when) const
    {
        std::cout << when << "_gestures: " << begun << " " << ended << "\n"
                  << when << "_host_changes: " << changes << "\n";
    }

    int changes = 0, begun = 0, ended = 0;
};

// Pulls a control upwards by forty pixels.
void drag (juce::Component& control)
{
    const auto source = juce::Desktop::getInstance().getMainMouseSource();
    const auto at = control.getLocalBounds().getCentre().toFloat();
    const auto event = [&] (juce::Point<float> place, bool hasMoved)
    {
        return juce::MouseEvent (source,
                                 place,
                                 juce::ModifierKeys::leftButtonModifier,
                                 1.0f,
                                 0.0f,
                                 0.0f,
                                 0.0f,
                                 0.0f,
                                 &control,
                                 &control,
                                 juce::Time(),
                                 at,
                                 juce::Time(),
                                 1,
                                 hasMoved);
    };
    control.mouseDown (event (at, false));
    for (auto i = 1; i <= 8; ++i)
        control.mouseDrag (event (at.translated (0.0f, -5.0f * static_cast<float> (i)), true));
    control.mouseUp (event (at.translated (0.0f, -40.0f), true));
}

// What plays, for people: an instrument and its model, or a voice.
juce::String soundOf (const Processor& processor)
{
    if (const auto sound = processor.instrument.neuralSound())
        return sound->instrument
             + (sound->model.isEmpty() ? juce::String() : " of " + fileNameOf (sound->model));
    return juce::String (nameOf (processor.instrument.voice()).data()).trimEnd();
}

// Finds the control of a parameter, does something to it and tells the values before and after.
void handle (Editor& editor,
             Processor& processor,
             const juce::String& id,
             const std::function<void (juce::Component&)>& action)
{
    auto* control = id.isEmpty() ? nullptr : find (editor, id);
    if (control == nullptr)
        return;
    auto& parameter = processor.parameter (parameterNamed (id));
    std::cout << "value_before: " << parameter.plain() << "\n";
    action (*control);
    std::cout << "value_after: " << parameter.plain() << "\n";
}

}  // namespace

juce::String stateHash (Processor& processor)
{
    juce::MemoryBlock state;
    writeState (processor.instrument, processor.allParameters(), {}, state);
    return juce::String::toHexString (
        static_cast<juce::int64> (juce::String (state.toBase64Encoding()).hashCode64()));
}

void act (Editor& editor,
          Processor& processor,
          const juce::ArgumentList& options)
{
    Recorder recorder;
    processor.addListener (&recorder);
    std::cout << "state_before: " << stateHash (processor) << "\n"
              << "sound_before: " << soundOf (processor) << "\n"
              << "bank_before: " << bankHash (processor) << "\n";
    if (options.containsOption ("--drop"))
        editor.filesDropped ({ options.getFileForOption ("--drop").getFullPathName() }, 0, 0);
    if (options.containsOption ("--choose"))
        editor.chooseInstrument (options.getValueForOption ("--choose"));
    handle (editor, processor, options.getValueForOption ("--drag"), drag);
    handle (editor,
            processor,
            options.getValueForOption ("--reset"),
            [] (juce::Component& control)
            { control.keyPressed (juce::KeyPress (juce::KeyPress::deleteKey)); });
    recorder.print ("action");
    std::cout << "state_after: " << stateHash (processor) << "\n"
              << "sound_after: " << soundOf (processor) << "\n"
              << "bank_after: " << bankHash (processor) << "\n";
    if (options.containsOption ("--undo"))
    {
        editor.keyPressed ({ 'Z', juce::ModifierKeys::commandModifier, 0 });
        std::cout << "state_undone: " << stateHash (processor) << "\n"
                  << "sound_undone: " << soundOf (processor) << "\n";
        recorder.print ("undone");
    }
    std::cout << "status: " << editor.statusLine() << "\n";
    processor.removeListener (&recorder);
}

void tell (Editor& editor, Processor& processor)
{
    std::cout << "state_played: " << stateHash (processor) << "\n";
    for (const auto* id : { "instrument_page", "style_panel", "level_trace" })
        if (const auto* shown = find (editor, id))
            std::cout << id << ": " << shown->getDescription() << "\n";
}

juce::Array<int> keysOf (const juce::ArgumentList& options)
{
    juce::Array<int> keys;
    for (const auto& key :
         juce::StringArray::fromTokens (options.getValueForOption ("--play"), ",", {}))
        keys.add (key.getIntValue());
    return keys.isEmpty() ? juce::Array<int> { 43, 59, 62, 67, 74 } : keys;
}

void play (Processor& processor, int blocks, const juce::Array<int>& keys)
{
    juce::AudioBuffer<float> buffer (2, screenshotBlock);
    for (auto i = 0; i < blocks; ++i)
    {
        juce::MidiBuffer midi;
        if (i == 0)
            for (const auto key : keys)
                midi.addEvent (juce::MidiMessage::noteOn (1, key, static_cast<juce::uint8> (100)),
                               0);
        processor.processBlock (buffer, midi);
    }
}

}  // namespace hexachord
