#include "NeuralRig.h"
#include "Scenarios.h"
#include "Stimuli.h"

#include <array>
#include <memory>

namespace hexachord
{
namespace
{

// Loads user's models, chooses instruments, looks at what sounds: all that a message thread may do.
void useModels (Processor& processor, const std::vector<std::unique_ptr<ModelFile>>& files, int turn)
{
    auto& instrument = processor.instrument;
    const auto names = instrument.bundledInstruments();
    if (names.isEmpty())
        return;
    const auto before = instrument.neuralSound();
    instrument.chooseInstrument (names[turn % names.size()]);
    if (turn % 8 == 0)
        instrument.loadModel (files[static_cast<std::size_t> (turn / 8) % files.size()]->path());
    if (turn % 5 == 0)
        instrument.restore (before);
    instrument.nameOf (processor.meter.neuralView());
    instrument.typical (turn % parameterCount);
}

}  // namespace

void runBesideMessageThread (double seconds, Report& report)
{
    Rig rig (usualRate);
    rig.processor.meter.setWatched (true);
    std::atomic<bool> running { true };
    std::thread audio (
        [&]
        {
            hexachord_watch_thread();
            juce::Random random (1);
            const auto end = juce::Time::getMillisecondCounterHiRes() + 1000.0 * seconds;
            for (auto block = 0; juce::Time::getMillisecondCounterHiRes() < end; ++block)
            {
                programChanges (rig, random, block);
                if (block % 16 == 0)
                    sysexFlood (rig, random, block);
                rig.render (usualBlock);
            }
            running = false;
        });
    auto& processor = rig.processor;
    juce::Random random (2);
    Bank bank;
    const auto voices = bundledVoices();
    for (auto& voice : bank.voices)
        voice = voices[static_cast<std::size_t> (random.nextInt (static_cast<int> (voices.size())))];
    constexpr int userModels = 6;
    std::vector<std::unique_ptr<ModelFile>> files;
    for (auto i = 0; i < userModels; ++i)
        files.push_back (std::make_unique<ModelFile> (bundledFile (i % 2 == 0 ? "live.ts" : "ddx7-violin.ts")));
    std::array<float, Meter::historySize> history;
    for (auto turn = 0; running; ++turn)
    {
        processor.instrument.setBank (bank, "bank", turn % voicesPerBank);
        processor.instrument.setVoice (voices[static_cast<std::size_t> (turn) % voices.size()]);
        processor.instrument.setBankVoice (turn % voicesPerBank, voices.front());
        useModels (processor, files, turn);
        processor.setCurrentProgram (turn % voicesPerBank);
        processor.playKey (60, turn % 2 * 100);
        everyParameter (rig, random);
        processor.instrument.learned.listenFor (turn % parameterCount);
        juce::MemoryBlock state;
        processor.getStateInformation (state);
        processor.setStateInformation (state.getData(), static_cast<int> (state.getSize()));
        processor.getTailLengthSeconds();
        processor.meter.copyHistory (history);
        processor.meter.takePeak();
        processor.instrument.displayIsStale();
        if (turn % 4 == 0)
            juce::Thread::sleep (1);
    }
    audio.join();
    judge (rig, "beside the message thread", report);
}

}  // namespace hexachord
