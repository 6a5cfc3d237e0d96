#include "Scenarios.h"

#include "Stimuli.h"

namespace hexachord
{
namespace
{

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

void run (const Scenario& scenario,
          double seconds,
          Report& report,
          const std::string& name,
          const juce::String& instrument = {})
{
    Rig rig (usualRate, scenario.outputs);
    if (instrument.isNotEmpty())
        rig.processor.instrument.chooseInstrument (instrument);
    if (scenario.prepare != nullptr)
        scenario.prepare (rig);
    onAudioThread (
        [&]
        {
            juce::Random random (1);
            auto block = 0;
            for (auto done = 0.0; done < seconds * usualRate; ++block)
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

}  // namespace

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

}  // namespace hexachord
