#include "Scenarios.h"

#include "NeuralRig.h"

#include <array>
#include <limits>
#include <memory>

namespace hexachord
{
namespace
{

constexpr double sampleRate = 48000.0;
constexpr int usualBlock = 64;

// More than every voice record could sum to with six full carriers (0.125 each) and all gains up:
// +12 dB of volume, +12 dB of tilt, +12 dB of output, CC7 at 127.
constexpr float loudest = HEXACHORD_VOICES * 6 * 0.125f * 4.0f * 4.0f * 4.0f * 1.62f;

struct Scenario
{
    const char* name;
    // Fills rig.midi for the block to come and returns its length in samples.
    int (*fill) (Rig& rig, juce::Random& random, int block);
    // What happens right before the block on the audio thread, if anything.
    void (*during) (Rig& rig, juce::Random& random) = nullptr;
    void (*prepare) (Rig& rig) = nullptr;
    int outputs = 2;
};

void randomNote (Rig& rig, juce::Random& random, int samples, int channel = 1)
{
    rig.note (24 + random.nextInt (72),
              random.nextInt (3) == 0 ? 0 : 1 + random.nextInt (127),
              random.nextInt (std::max (1, samples)),
              channel);
}

int dense (Rig& rig, juce::Random&, int block)
{
    if (block % 4 == 0)
        rig.note (30 + block / 4 % 64, 100);
    return usualBlock;
}

int controllers (Rig& rig, juce::Random& random, int block)
{
    dense (rig, random, block);
    for (auto number = 0; number < 128; ++number)
        rig.controller (number, random.nextInt (128), random.nextInt (usualBlock), 1 + random.nextInt (16));
    for (const auto kind : { 0xA0, 0xD0, 0xE0 })
    {
        const std::uint8_t bytes[] = { static_cast<std::uint8_t> (kind + random.nextInt (16)),
                                       static_cast<std::uint8_t> (random.nextInt (128)),
                                       static_cast<std::uint8_t> (random.nextInt (128)) };
        rig.send (bytes, kind == 0xD0 ? 2 : 3, random.nextInt (usualBlock));
    }
    return usualBlock;
}

void everyParameter (Rig& rig, juce::Random& random)
{
    for (auto* parameter : rig.processor.allParameters())
        parameter->setValue (random.nextFloat());
}

void senselessParameters (Rig& rig, juce::Random& random)
{
    constexpr float values[] = { std::numeric_limits<float>::quiet_NaN(),
                                 std::numeric_limits<float>::infinity(),
                                 -std::numeric_limits<float>::infinity(),
                                 std::numeric_limits<float>::max(),
                                 std::numeric_limits<float>::denorm_min(),
                                 -1.0f,
                                 2.0f,
                                 0.5f };
    constexpr double tempi[] = { 0.0, -1.0, 1e-300, 1e300, std::numeric_limits<double>::quiet_NaN() };
    for (auto* parameter : rig.processor.allParameters())
        parameter->setValue (values[random.nextInt (std::size (values))]);
    rig.processor.getBypassParameter()->setValue (values[random.nextInt (5)]);
    rig.tempoBpm = tempi[random.nextInt (std::size (tempi))];
    rig.beat = values[random.nextInt (std::size (values))];
}

int noteStorm (Rig& rig, juce::Random& random, int)
{
    constexpr double notesPerSecond = 1000.0;
    const auto wanted = notesPerSecond * usualBlock / sampleRate;
    for (auto notes = 0.0; notes + random.nextDouble() < wanted; notes += 1.0)
    {
        const auto key = random.nextInt (128);
        rig.note (key, 1 + random.nextInt (127), random.nextInt (usualBlock));
        if (random.nextBool())
            rig.note (key, 0, usualBlock - 1);
    }
    return usualBlock;
}

int eventFlood (Rig& rig, juce::Random& random, int)
{
    for (auto i = 0; i < 5000; ++i)
        randomNote (rig, random, 512, 1 + random.nextInt (16));
    return 512;
}

int sysexFlood (Rig& rig, juce::Random& random, int block)
{
    dense (rig, random, block);
    static const auto voices = bundledVoices();
    static const auto bank = []
    {
        Bank first;
        std::copy_n (voices.begin(), voicesPerBank, first.voices.begin());
        return bankDump (first);
    }();
    static const std::vector<std::uint8_t> huge (100000, 0x41);
    for (auto i = 0; i < 8; ++i)
    {
        const auto at = random.nextInt (usualBlock);
        auto damaged = bank;
        damaged[static_cast<std::size_t> (6 + random.nextInt (4096))] = 0x55;
        damaged.back() = 0x41;
        rig.send (voices[static_cast<std::size_t> (random.nextInt (static_cast<int> (voices.size())))], at);
        rig.send (bank.data(), bank.size(), at);
        rig.send (damaged.data(), damaged.size(), at);
        const std::uint8_t reset[] = { 0xF0, 0x7E, 0x7F, 0x09, 0x01, 0xF7 };
        rig.send (reset, sizeof reset, at);
    }
    auto endless = huge;
    endless.front() = 0xF0;
    endless.back() = 0xF7;
    rig.send (endless.data(), endless.size(), usualBlock - 1);
    return usualBlock;
}

int programChanges (Rig& rig, juce::Random& random, int block)
{
    dense (rig, random, block);
    for (auto i = 0; i < 16; ++i)
    {
        const std::uint8_t bytes[] = { 0xC0, static_cast<std::uint8_t> (random.nextInt (128)) };
        const auto at = random.nextInt (usualBlock);
        rig.send (bytes, 2, at);
        rig.note (40 + random.nextInt (40), 90, at);
    }
    return usualBlock;
}

int mpe (Rig& rig, juce::Random& random, int)
{
    const auto channel = 2 + random.nextInt (15);
    randomNote (rig, random, usualBlock, channel);
    rig.controller (74, random.nextInt (128), random.nextInt (usualBlock), channel);
    const std::uint8_t bend[] = { static_cast<std::uint8_t> (0xE0 + channel - 1),
                                  static_cast<std::uint8_t> (random.nextInt (128)),
                                  static_cast<std::uint8_t> (random.nextInt (128)) };
    const std::uint8_t press[] = { static_cast<std::uint8_t> (0xD0 + channel - 1),
                                   static_cast<std::uint8_t> (random.nextInt (128)) };
    rig.send (bend, 3, random.nextInt (usualBlock));
    rig.send (press, 2, random.nextInt (usualBlock));
    return usualBlock;
}

int anyBytes (Rig& rig, juce::Random& random, int)
{
    for (auto i = 0; i < 64; ++i)
    {
        std::array<std::uint8_t, 8> bytes {};
        for (auto& byte : bytes)
            byte = static_cast<std::uint8_t> (random.nextInt (256));
        bytes[0] |= 0x80;
        rig.send (bytes.data(), static_cast<std::size_t> (1 + random.nextInt (8)), random.nextInt (2 * usualBlock));
    }
    return usualBlock;
}

int anySize (Rig& rig, juce::Random& random, int)
{
    constexpr int sizes[] = { 0, 1, 2, 3, 31, 64, 441, 512, 1000, 4096, 8191, 8192 };
    const auto samples = sizes[random.nextInt (std::size (sizes))];
    for (auto i = 0; i < 4; ++i)
        randomNote (rig, random, samples);
    return samples;
}

int denormals (Rig& rig, juce::Random&, int block)
{
    if (block % 400 == 0)
        rig.note (48 + block / 400 % 24, 1);
    if (block % 400 == 4)
        rig.note (48 + block / 400 % 24, 0);
    rig.controller (11, block % 3);
    return usualBlock;
}

void toggleBypass (Rig& rig, juce::Random& random)
{
    rig.processor.getBypassParameter()->setValue (random.nextInt (8) == 0 ? 1.0f : 0.0f);
}

void learnAll (Rig& rig)
{
    for (auto controller = 0; controller < 128; ++controller)
        rig.processor.instrument.learned.assign (controller, controller % parameterCount);
    rig.processor.instrument.learned.listenFor (0);
}

void setParameter (Rig& rig, const char* id, float plain)
{
    for (auto* parameter : rig.processor.allParameters())
        if (juce::StringRef (parameter->info().id) == juce::StringRef (id))
            parameter->setPlain (plain);
}

void playPolyphonic (Rig& rig)
{
    setParameter (rig, "voice_mode", 0.0f);
}

constexpr Scenario scenarios[] = {
    { "dense notes", dense },
    { "dense notes, mono output", dense, nullptr, nullptr, 1 },
    { "dense notes, no output", dense, nullptr, nullptr, 0 },
    { "dense notes, a meter watching", dense, nullptr, [] (Rig& rig) { rig.processor.meter.setWatched (true); } },
    { "controllers", controllers },
    { "controllers, all learned", controllers, nullptr, learnAll },
    { "every parameter each block", dense, everyParameter },
    { "parameters and tempo not finite", dense, senselessParameters },
    { "1,000 notes a second", noteStorm },
    { "1,000 notes a second, legato",
      noteStorm,
      nullptr,
      [] (Rig& rig) { setParameter (rig, "voice_mode", 2.0f); } },
    { "5,000 events a block", eventFlood },
    { "sysex flood", sysexFlood },
    { "program changes", programChanges },
    { "MPE", mpe, nullptr, [] (Rig& rig) { setParameter (rig, "mpe", 1.0f); } },
    { "any bytes as MIDI", anyBytes },
    { "blocks of 0 to 8192 samples", anySize, everyParameter },
    { "bypass on and off", dense, toggleBypass },
    { "quieter than denormals", denormals, nullptr, [] (Rig& rig) { setParameter (rig, "output_gain", -60.0f); } },
};

// The same with a neural instrument.
constexpr Scenario neuralScenarios[] = {
    { "dense notes", dense, nullptr, playPolyphonic },
    { "dense notes, legato, a meter watching",
      dense,
      nullptr,
      [] (Rig& rig) { rig.processor.meter.setWatched (true); } },
    { "controllers", controllers, nullptr, playPolyphonic },
    { "every parameter each block", dense, everyParameter },
    { "parameters and tempo not finite", dense, senselessParameters },
    { "1,000 notes a second", noteStorm, nullptr, playPolyphonic },
    { "1,000 notes a second, legato", noteStorm },
    { "5,000 events a block", eventFlood, nullptr, playPolyphonic },
    { "program changes", programChanges },
    { "MPE",
      mpe,
      nullptr,
      [] (Rig& rig)
      {
          playPolyphonic (rig);
          setParameter (rig, "mpe", 1.0f);
      } },
    { "any bytes as MIDI", anyBytes },
    { "blocks of 0 to 8192 samples", anySize, everyParameter },
    { "bypass on and off", dense, toggleBypass },
    { "quieter than denormals", denormals },
};

void judge (const Rig& rig, const std::string& name, Report& report)
{
    const auto& found = rig.counts;
    if (hexachord_counts_calls())
    {
        report.claim (name + ": no heap call", found.heap == 0, std::to_string (found.heap));
        report.claim (name + ": no lock", found.locks == 0, std::to_string (found.locks));
    }
    if (hexachord_counts_system_calls())
        report.claim (name + ": no system call",
                      found.system_calls == 0,
                      std::to_string (found.system_calls) + ", the first is number "
                          + std::to_string (found.first_system_call));
    report.claim (name + ": finite, the same on all outputs",
                  rig.nonFinite == 0 && rig.unlikeChannels == 0,
                  std::to_string (rig.nonFinite) + ", " + std::to_string (rig.unlikeChannels));
    report.claim (name + ": no louder than its voices",
                  rig.peak <= loudest,
                  std::to_string (rig.peak));
}

void run (const Scenario& scenario,
          double seconds,
          Report& report,
          const std::string& name,
          const juce::String& instrument = {})
{
    Rig rig (sampleRate, scenario.outputs);
    if (instrument.isNotEmpty())
        rig.processor.instrument.chooseInstrument (instrument);
    if (scenario.prepare != nullptr)
        scenario.prepare (rig);
    onAudioThread (
        [&]
        {
            juce::Random random (1);
            auto block = 0;
            for (auto done = 0.0; done < seconds * sampleRate; ++block)
            {
                const auto samples = scenario.fill (rig, random, block);
                rig.render (samples,
                            [&]
                            {
                                if (scenario.during != nullptr)
                                    scenario.during (rig, random);
                            });
                done += std::max (1, samples);
            }
        });
    judge (rig, name, report);
}

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

void runScenarios (double seconds, Report& report)
{
    for (const auto& scenario : scenarios)
        run (scenario, seconds, report, scenario.name);
    const auto names = Processor().instrument.bundledInstruments();
    for (const auto& [prefix, instrument] : { std::make_pair ("neural: ", "violin"),
                                              std::make_pair ("ddx7: ", "ddx7-violin") })
        if (names.contains (instrument))
            for (const auto& scenario : neuralScenarios)
                run (scenario, seconds, report, std::string (prefix) + scenario.name, instrument);
}

void runBesideMessageThread (double seconds, Report& report)
{
    Rig rig (sampleRate);
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
