// Draws the editor into a PNG file, or tries it out and prints what happened as `name: value`
// lines.
//
//   hexachord_screenshot OUT.png WIDTH [--page=N] [--voice=N] [--operator=N] [--play]
//                        [--set=PARAMETER:VALUE,...] [--drop=FILE] [--drag=PARAMETER] [--undo]
//                        [--idle=SECONDS]
#include "Editor.h"

#include <ctime>
#include <iostream>

namespace
{

constexpr double sampleRate = 48000.0;
constexpr int blockSize = 480, settleMs = 150;
// JUCE keeps its drawing timer for three seconds after the last stroke.
constexpr int windowRestMs = 4000;

// Things to do one after the other, each some time after the one before; then the program ends.
class Steps
{
public:
    void then (int delayMs, std::function<void()> action)
    {
        queue.push_back ({ delayMs, std::move (action) });
    }

    void run()
    {
        startNext();
        juce::MessageManager::getInstance()->runDispatchLoop();
    }

private:
    void startNext()
    {
        if (at == queue.size())
        {
            juce::MessageManager::getInstance()->stopDispatchLoop();
            return;
        }
        juce::Timer::callAfterDelay (queue[at].first,
                                     [this]
                                     {
                                         queue[at++].second();
                                         startNext();
                                     });
    }

    std::vector<std::pair<int, std::function<void()>>> queue;
    std::size_t at = 0;
};

// The sound's state without the window's size: what a failed drop must not change.
juce::String stateHash (hexachord::Processor& processor)
{
    juce::MemoryBlock state;
    hexachord::writeState (processor.instrument, processor.allParameters(), {}, state);
    return juce::String::toHexString (
        static_cast<juce::int64> (juce::String (state.toBase64Encoding()).hashCode64()));
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

void play (hexachord::Processor& processor, int blocks, bool withChord)
{
    juce::AudioBuffer<float> buffer (2, blockSize);
    for (auto i = 0; i < blocks; ++i)
    {
        juce::MidiBuffer midi;
        if (withChord && i == 0)
            for (const auto key : { 43, 59, 62, 67, 74 })
                midi.addEvent (juce::MidiMessage::noteOn (1, key, static_cast<juce::uint8> (100)),
                               0);
        processor.processBlock (buffer, midi);
    }
}

// The share of one core that the process takes from begin to print.
class Share
{
public:
    void begin()
    {
        cpuS = cpuSeconds();
        wallMs = juce::Time::getMillisecondCounterHiRes();
    }

    void print (const char* name) const
    {
        const auto passedS = (juce::Time::getMillisecondCounterHiRes() - wallMs) / 1000.0;
        std::cout << name << ": " << 100.0 * (cpuSeconds() - cpuS) / passedS << "\n";
    }

private:
    static double cpuSeconds() { return static_cast<double> (std::clock()) / CLOCKS_PER_SEC; }

    double cpuS = 0.0, wallMs = 0.0;
};

juce::Image pictureOf (juce::Component& editor)
{
    return editor.createComponentSnapshot (editor.getLocalBounds(), true, 1.0f);
}

bool write (const juce::Image& picture, const juce::File& file)
{
    juce::TemporaryFile temporary (file);
    {
        auto stream = temporary.getFile().createOutputStream();
        if (stream == nullptr || ! juce::PNGImageFormat().writeImageToStream (picture, *stream))
            return false;
    }
    return temporary.overwriteTargetFileWithTemporary();
}

void act (hexachord::Editor& editor,
          hexachord::Processor& processor,
          const juce::ArgumentList& options)
{
    Recorder recorder;
    processor.addListener (&recorder);
    std::cout << "state_before: " << stateHash (processor) << "\n";
    if (options.containsOption ("--drop"))
        editor.filesDropped ({ options.getFileForOption ("--drop").getFullPathName() }, 0, 0);
    const auto id = options.getValueForOption ("--drag");
    if (auto* control = id.isEmpty() ? nullptr : find (editor, id))
    {
        auto& parameter = processor.parameter (hexachord::parameterNamed (id));
        std::cout << "value_before: " << parameter.plain() << "\n";
        drag (*control);
        std::cout << "value_after: " << parameter.plain() << "\n";
    }
    recorder.print ("action");
    std::cout << "state_after: " << stateHash (processor) << "\n";
    if (options.containsOption ("--undo"))
    {
        editor.keyPressed ({ 'Z', juce::ModifierKeys::commandModifier, 0 });
        std::cout << "state_undone: " << stateHash (processor) << "\n";
        recorder.print ("undone");
    }
    std::cout << "status: " << editor.statusLine() << "\n";
    processor.removeListener (&recorder);
}

}  // namespace

int main (int argumentCount, char** arguments)
{
    const juce::ArgumentList options (argumentCount, arguments);
    if (options.size() < 2)
    {
        std::cerr << "usage: hexachord_screenshot OUT.png WIDTH [options]\n";
        return 2;
    }
    // As an application JUCE handles X errors itself: a display without window manager causes some.
    juce::JUCEApplicationBase::createInstance = []() -> juce::JUCEApplicationBase*
    { return nullptr; };
    const juce::ScopedJuceInitialiser_GUI gui;
    hexachord::Processor processor;
    processor.setPlayConfigDetails (0, 2, sampleRate, blockSize);
    processor.prepareToPlay (sampleRate, blockSize);
    if (options.containsOption ("--voice"))
        processor.instrument.chooseProgram (options.getValueForOption ("--voice").getIntValue()
                                            - 1);
    for (const auto& setting :
         juce::StringArray::fromTokens (options.getValueForOption ("--set"), ",", {}))
        processor
            .parameter (
                hexachord::parameterNamed (setting.upToFirstOccurrenceOf (":", false, false)))
            .setPlain (setting.fromFirstOccurrenceOf (":", false, false).getFloatValue());
    processor.editorSize.width = options[1].text.getIntValue();

    const auto before = juce::Time::getMillisecondCounterHiRes();
    std::unique_ptr<juce::AudioProcessorEditor> created (processor.createEditorIfNeeded());
    auto& editor = dynamic_cast<hexachord::Editor&> (*created);
    editor.addToDesktop (0);
    editor.setVisible (true);
    pictureOf (editor);
    std::cout << "open_ms: " << juce::Time::getMillisecondCounterHiRes() - before << "\n";
    editor.showPage (options.getValueForOption ("--page").getIntValue());
    if (options.containsOption ("--operator"))
        editor.selectOperator (options.getValueForOption ("--operator").getIntValue());

    Steps steps;
    steps.then (settleMs, [&] { act (editor, processor, options); });
    if (options.containsOption ("--play"))
        for (auto i = 0; i < 10; ++i)
            steps.then (35, [&, i] { play (processor, i == 0 ? 12 : 3, i == 0); });
    steps.then (settleMs, [] {});
    auto written = false;
    steps.then (0, [&] { written = write (pictureOf (editor), options[0].resolveAsFile()); });
    // JUCE's timers run in any window: an empty one tells what is the editor's own.
    Share share;
    juce::Component empty;
    if (const auto seconds = options.getValueForOption ("--idle").getDoubleValue(); seconds > 0.0)
    {
        const auto measureMs = juce::roundToInt (seconds * 1000.0);
        steps.then (windowRestMs, [&] { share.begin(); });
        steps.then (measureMs, [&] { share.print ("idle_cpu_percent"); });
        steps.then (0,
                    [&]
                    {
                        empty.setBounds (editor.getScreenBounds());
                        created.reset();
                        empty.addToDesktop (0);
                        empty.setVisible (true);
                    });
        steps.then (windowRestMs, [&] { share.begin(); });
        steps.then (measureMs, [&] { share.print ("empty_window_cpu_percent"); });
    }
    steps.run();
    if (! written)
        std::cerr << options[0].text << ": could not be written\n";
    return written ? 0 : 1;
}
