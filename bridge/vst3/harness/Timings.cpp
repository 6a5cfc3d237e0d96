#include "Timings.h"

#include "NeuralRig.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <tuple>

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

namespace hexachord
{
namespace
{

using Clock = std::chrono::steady_clock;

constexpr double sampleRate = 48000.0;
constexpr int block = 64;
constexpr int chord = 32;
constexpr int lowestKey = 36;
constexpr int blocksPerNote = 10;
constexpr double blockS = block / sampleRate;

double msSince (Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli> (Clock::now() - begin).count();
}

double threadSeconds()
{
    timespec now {};
    clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double> (now.tv_sec) + 1e-9 * static_cast<double> (now.tv_nsec);
}

// The times of blocks in which notes are held, one of them struck anew every 10 blocks so that
// sounds that fade go on sounding. As shares of the block's duration, by the wall and by the core.
struct BlockTimes
{
    std::vector<double> wall, core;
    int sounding = 0;
    bool preferred = false;

    static double mean (const std::vector<double>& shares)
    {
        auto sum = 0.0;
        for (const auto share : shares)
            sum += share;
        return sum / static_cast<double> (shares.size());
    }

    static double quantile (std::vector<double> shares, double rank)
    {
        const auto place = shares.begin()
                         + static_cast<std::ptrdiff_t> (rank * static_cast<double> (shares.size() - 1));
        std::nth_element (shares.begin(), place, shares.end());
        return *place;
    }
};

// As hosts run their audio threads, where the system lets us.
bool preferThisThread()
{
    sched_param priority {};
    priority.sched_priority = sched_get_priority_min (SCHED_FIFO);
    return pthread_setschedparam (pthread_self(), SCHED_FIFO, &priority) == 0;
}

// `prepare` chooses what plays; `notes` keys are held.
BlockTimes blockTimes (const std::function<void (Processor&)>& prepare, int notes, double seconds)
{
    Rig rig (sampleRate);
    prepare (rig.processor);
    BlockTimes times;
    onAudioThread (
        [&]
        {
            times.preferred = preferThisThread();
            for (auto key = 0; key < notes; ++key)
                rig.note (lowestKey + key, 100);
            rig.render (block);
            const auto blocks = static_cast<int> (seconds / blockS);
            times.wall.reserve (static_cast<std::size_t> (blocks));
            times.core.reserve (static_cast<std::size_t> (blocks));
            juce::AudioBuffer<float> buffer (2, block);
            for (auto i = 0; i < blocks; ++i)
            {
                if (i % blocksPerNote == 0)
                {
                    const auto key = lowestKey + i / blocksPerNote % notes;
                    rig.note (key, 0);
                    rig.note (key, 100);
                }
                const auto core = threadSeconds();
                const auto wall = Clock::now();
                rig.processor.processBlock (buffer, rig.midi);
                const auto wallS = 1e-3 * msSince (wall);
                times.core.push_back ((threadSeconds() - core) / blockS);
                times.wall.push_back (wallS / blockS);
                rig.midi.clear();
            }
            rig.processor.meter.setWatched (true);
            rig.render (block);
            times.sounding = rig.processor.meter.sounding();
        });
    return times;
}

BlockTimes blockTimes (const VoiceData& voice, double seconds)
{
    return blockTimes ([&] (Processor& processor) { processor.instrument.setVoice (voice); }, chord, seconds);
}

double residentMib()
{
    std::ifstream file ("/proc/self/statm");
    long total = 0, resident = 0;
    file >> total >> resident;
    return static_cast<double> (resident) * static_cast<double> (sysconf (_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace

void measureStart (Report& report)
{
    const auto firstSound = []
    {
        const auto begin = Clock::now();
        Processor processor;
        const auto made = msSince (begin);
        processor.prepareToPlay (sampleRate, block);
        juce::AudioBuffer<float> buffer (2, block);
        juce::MidiBuffer midi;
        midi.addEvent (juce::MidiMessage::noteOn (1, 60, 1.0f), 0);
        processor.processBlock (buffer, midi);
        return std::make_pair (made, msSince (begin));
    };
    const auto [coldMade, cold] = firstSound();
    report.measure ("making the first one", coldMade, "ms");
    report.measure ("first sound of the first one", cold, "ms", 60.0);
    std::vector<double> warm;
    for (auto i = 0; i < 9; ++i)
        warm.push_back (firstSound().second);
    report.measure ("first sound of another one, median", BlockTimes::quantile (warm, 0.5), "ms", 60.0);
}

void measureBlocks (double seconds, Report& report)
{
    constexpr double lookS = 0.3;
    std::vector<std::pair<double, VoiceData>> costs;
    for (const auto& voice : bundledVoices())
        costs.emplace_back (BlockTimes::mean (blockTimes (voice, lookS).core), voice);
    std::sort (costs.begin(), costs.end(), [] (auto& a, auto& b) { return a.first < b.first; });
    for (const auto& [rank, what] : { std::make_pair (costs.size() / 2, "median"),
                                      std::make_pair (costs.size() - 1, "worst") })
    {
        const auto& voice = costs[rank].second;
        const auto times = blockTimes (voice, seconds);
        const auto name = std::string ("32 voices, 64 samples, ") + what + " ("
                        + juce::String (nameOf (voice).data()).trim().toStdString() + "): ";
        report.claim (name + "they all sound",
                      times.sounding >= chord,
                      std::to_string (times.sounding)
                          + (times.preferred ? "" : ", on a thread that any other may interrupt"));
        report.measure (name + "mean", 100.0 * BlockTimes::mean (times.wall), "% of the block", 15.0);
        report.measure (
            name + "99.9th percentile", 100.0 * BlockTimes::quantile (times.wall, 0.999), "% of the block", 50.0);
        report.measure (name + "99.9th percentile of core time",
                        100.0 * BlockTimes::quantile (times.core, 0.999),
                        "% of the block");
        report.measure (name + "largest", 100.0 * BlockTimes::quantile (times.wall, 1.0), "% of the block");
    }
}

// Loading a user's file until it may be played, and what neural voices cost.
void measureNeural (double seconds, Report& report)
{
    const auto file = bundledFile();
    if (file.isEmpty())
        return;
    const ModelFile written (file);
    report.measure ("archive of the bundled instruments", static_cast<double> (file.getSize()) / 1e6, "MB", 8.0);
    Processor processor;
    processor.prepareToPlay (sampleRate, block);
    std::vector<double> loading, choosing, saving, restoring;
    juce::MemoryBlock state;
    for (auto i = 0; i < 20; ++i)
    {
        auto begin = Clock::now();
        processor.instrument.chooseInstrument (i % 2 == 0 ? "violin" : "tuba");
        choosing.push_back (msSince (begin));
        begin = Clock::now();
        processor.instrument.loadModel (written.path(), "violin");
        loading.push_back (msSince (begin));
        begin = Clock::now();
        processor.getStateInformation (state);
        saving.push_back (msSince (begin));
        Processor other;
        begin = Clock::now();
        other.setStateInformation (state.getData(), static_cast<int> (state.getSize()));
        restoring.push_back (msSince (begin));
    }
    report.measure ("choosing a bundled instrument, slowest of 20", BlockTimes::quantile (choosing, 1.0), "ms", 30.0);
    report.measure ("loading a user's model, median of 20", BlockTimes::quantile (loading, 0.5), "ms", 30.0);
    report.measure ("loading a user's model, slowest of 20", BlockTimes::quantile (loading, 1.0), "ms", 30.0);
    report.measure ("state with a user's model", static_cast<double> (state.getSize()) / 1024.0, "KiB");
    report.measure ("saving it, median of 20", BlockTimes::quantile (saving, 0.5), "ms");
    report.measure ("restoring it, median of 20", BlockTimes::quantile (restoring, 0.5), "ms");
    const std::tuple<const char*, const char*, int, float, double> cases[] = {
        { "violin", "neural", 1, 2.0f, 2.0 },
        { "violin", "neural", HEXACHORD_LIVE_VOICES, 0.0f, 16.0 },
        { "ddx7-violin", "DDX7", 1, 2.0f, 3.0 },
        { "ddx7-violin", "DDX7", HEXACHORD_LIVE_VOICES, 0.0f, 24.0 },
    };
    const auto names = processor.instrument.bundledInstruments();
    for (const auto& [instrument, kind, notes, mode, asked] : cases)
    {
        const auto voiceMode = mode;
        const auto* chosen = instrument;
        if (! names.contains (chosen))
            continue;
        const auto times = blockTimes (
            [&] (Processor& each)
            {
                each.instrument.chooseInstrument (chosen);
                each.parameter (parameter::voiceMode).setPlain (voiceMode);
            },
            notes,
            seconds);
        const auto name = std::to_string (notes) + " " + kind + (notes == 1 ? " voice" : " voices") + ", 64 samples: ";
        report.claim (name + "all sound", times.sounding >= notes, std::to_string (times.sounding));
        report.measure (name + "mean", 100.0 * BlockTimes::mean (times.wall), "% of the block", asked);
        report.measure (name + "mean of core time", 100.0 * BlockTimes::mean (times.core), "% of the block", asked);
        report.measure (
            name + "99.9th percentile", 100.0 * BlockTimes::quantile (times.wall, 0.999), "% of the block", 20.0);
        report.measure (name + "99.9th percentile of core time",
                        100.0 * BlockTimes::quantile (times.core, 0.999),
                        "% of the block",
                        20.0);
    }
}

void measureState (Report& report)
{
    Processor processor;
    processor.prepareToPlay (sampleRate, block);
    juce::MemoryBlock state;
    std::vector<double> saving, restoring;
    for (auto i = 0; i < 20; ++i)
    {
        auto begin = Clock::now();
        processor.getStateInformation (state);
        saving.push_back (msSince (begin));
        begin = Clock::now();
        processor.setStateInformation (state.getData(), static_cast<int> (state.getSize()));
        restoring.push_back (msSince (begin));
    }
    report.measure ("state", static_cast<double> (state.getSize()) / 1024.0, "KiB");
    report.measure ("saving a state, slowest of 20", BlockTimes::quantile (saving, 1.0), "ms");
    report.measure ("restoring a state, slowest of 20", BlockTimes::quantile (restoring, 1.0), "ms", 50.0);
}

void measureMemory (Report& report)
{
    constexpr int instances = 50;
    const auto before = residentMib();
    std::vector<std::unique_ptr<Rig>> rigs;
    for (auto i = 0; i < instances; ++i)
    {
        rigs.push_back (std::make_unique<Rig> (sampleRate));
        for (auto key = 0; key < chord; ++key)
            rigs.back()->note (lowestKey + key, 100);
        rigs.back()->render (block);
    }
    report.measure ("memory of an instance, of 50 that sound", (residentMib() - before) / instances, "MiB", 30.0);
}

}  // namespace hexachord
