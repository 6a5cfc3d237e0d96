// Draws the editor into a PNG file, or tries it out and prints what happened as `name: value`
// lines.
//
//   hexachord_screenshot OUT.png WIDTH [--page=N] [--voice=N] [--instrument=NAME] [--operator=N]
//                        [--play[=KEY,...]] [--set=PARAMETER:VALUE,...] [--drop=FILE]
//                        [--choose=INSTRUMENT] [--drag=PARAMETER] [--reset=PARAMETER] [--undo]
//                        [--idle=SECONDS]
#include "Acts.h"

#include <ctime>
#include <iostream>

namespace
{

constexpr double sampleRate = 48000.0;
constexpr int settleMs = 150;
constexpr int blockMs = 10, stepMs = 30, playedSteps = 40, firstBlocks = 12;
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
    processor.setPlayConfigDetails (0, 2, sampleRate, hexachord::screenshotBlock);
    processor.prepareToPlay (sampleRate, hexachord::screenshotBlock);
    if (options.containsOption ("--voice"))
        processor.instrument.chooseProgram (options.getValueForOption ("--voice").getIntValue()
                                            - 1);
    if (options.containsOption ("--instrument"))
        std::cout << "instrument: "
                  << processor.instrument.chooseInstrument (
                         options.getValueForOption ("--instrument"))
                  << "\n";
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
    steps.then (settleMs, [&] { hexachord::act (editor, processor, options); });
    if (options.containsOption ("--play"))
        for (auto i = 0; i < playedSteps; ++i)
            steps.then (stepMs,
                        [&, i]
                        {
                            hexachord::play (
                                processor,
                                i == 0 ? firstBlocks : stepMs / blockMs,
                                i == 0 ? hexachord::keysOf (options) : juce::Array<int>());
                        });
    steps.then (settleMs, [&] { hexachord::tell (editor, processor); });
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
