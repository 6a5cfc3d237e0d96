#include "Claims.h"

#include "Rig.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include <unistd.h>

namespace hexachord
{
namespace
{

constexpr int second = 48000;
constexpr int block = 64;

// How many voices are not idle.
int sounding (Rig& rig)
{
    return rig.processor.meter.sounding();
}

struct PlainRig : Rig
{
    PlainRig()
    {
        processor.instrument.setVoice (plainVoice());
        processor.meter.setWatched (true);
        render (block);
    }
};

bool isSilent (const std::vector<float>& audio)
{
    return std::all_of (audio.begin(), audio.end(), [] (auto sample) { return sample == 0.0f; });
}

void silent (Report& report, const std::string& what, PlainRig& rig)
{
    rig.record (second / 4);
    const auto left = sounding (rig);
    report.claim (what, left == 0, std::to_string (left) + " voices still sound");
}

Parameter& parameterCalled (Rig& rig, const char* id)
{
    for (auto* parameter : rig.processor.allParameters())
        if (juce::StringRef (parameter->info().id) == juce::StringRef (id))
            return *parameter;
    jassertfalse;
    return rig.processor.parameter (0);
}

void checkTiming (Report& report)
{
    constexpr int at = 37;
    PlainRig early, late;
    early.note (60, 100);
    late.note (60, 100, at);
    const auto reference = early.record (1000);
    const auto shifted = late.record (1000);
    report.claim ("a note begins at its own sample",
                  isSilent ({ shifted.begin(), shifted.begin() + at })
                      && std::equal (shifted.begin() + at, shifted.end(), reference.begin())
                      && ! isSilent (reference));
}

void checkFlood (Report& report)
{
    PlainRig rig;
    for (auto key = 40; key < 60; ++key)
        rig.note (key, 100);
    rig.render (block);
    for (auto i = 0; i < 20000; ++i)
        rig.controller (11, i % 128, i * 64 / 20000);
    for (auto key = 40; key < 60; ++key)
        rig.note (key, 0, 63);
    rig.render (block);
    silent (report, "note-offs behind 20,000 events of the same block arrive", rig);
    for (auto i = 0; i < 6000; ++i)
        rig.note (i % 128, i % 5 == 0 ? 0 : 100, 10);
    for (auto key = 0; key < 128; ++key)
        rig.note (key, 0, 10);
    rig.render (block);
    silent (report, "6,000 notes at one sample end with their note-offs", rig);
}

void checkStopping (Report& report)
{
    PlainRig rig;
    const auto chord = [&]
    {
        rig.controller (64, 127);
        for (auto key = 40; key < 80; ++key)
            rig.note (key, 100);
        rig.render (block);
    };
    chord();
    rig.processor.reset();
    report.claim ("reset silences at once", isSilent (rig.record (block)));
    chord();
    rig.processor.prepareToPlay (96000.0, block);
    report.claim ("prepareToPlay silences at once", isSilent (rig.record (block)));
    rig.processor.prepareToPlay (48000.0, block);
    rig.note (60, 100);
    rig.render (block);
    rig.note (60, 0);
    silent (report, "a pedal pressed before a reset holds nothing after it", rig);
}

void checkModes (Report& report)
{
    PlainRig rig;
    auto& mode = parameterCalled (rig, "voice_mode");
    mode.setPlain (1.0f);
    rig.note (50, 100);
    rig.render (block);
    mode.setPlain (0.0f);
    rig.render (block);
    rig.note (50, 0);
    rig.render (block);
    mode.setPlain (1.0f);
    rig.render (block);
    rig.note (60, 100);
    rig.render (block);
    rig.note (60, 0);
    silent (report, "a key let go in poly mode is not held in mono mode", rig);

    mode.setPlain (2.0f);
    rig.render (block);
    rig.note (50, 100, 0, 2);
    rig.render (block);
    rig.note (60, 100, 0, 3);
    rig.render (block);
    rig.note (50, 0, 0, 2);
    rig.render (block);
    rig.note (60, 0, 0, 3);
    silent (report, "legato over two channels ends with its last key", rig);

    mode.setPlain (0.0f);
    rig.render (block);
    for (auto key = 40; key < 72; ++key)
        rig.note (key, 100);
    rig.render (block);
    parameterCalled (rig, "polyphony").setPlain (2.0f);
    rig.render (block);
    for (auto key = 40; key < 72; ++key)
        rig.note (key, 0);
    silent (report, "fewer voices while many sound leave none hanging", rig);
}

void checkBypass (Report& report)
{
    PlainRig rig;
    auto& bypass = *rig.processor.getBypassParameter();
    rig.note (60, 100);
    rig.record (second / 10);
    bypass.setValue (1.0f);
    const auto fading = rig.record (second / 10);
    auto largestStep = 0.0f;
    for (std::size_t i = 1; i < fading.size(); ++i)
        largestStep = std::max (largestStep, std::abs (fading[i] - fading[i - 1]));
    // Middle C of amplitude 0.125 moves by less than 0.0043 a sample.
    report.claim ("bypass fades what sounds", largestStep < 0.01f, std::to_string (largestStep));
    report.claim ("bypass is silent", isSilent ({ fading.end() - block, fading.end() }));
    rig.note (64, 100);
    rig.processor.playKey (67, 100);
    rig.record (block);
    bypass.setValue (0.0f);
    report.claim ("keys pressed during bypass stay silent", isSilent (rig.record (second / 10)));
    rig.note (64, 100);
    report.claim ("keys pressed after bypass sound", ! isSilent (rig.record (second / 10)));
}

void checkEditorKeys (Report& report)
{
    PlainRig rig;
    for (auto i = 0; i < 1000; ++i)
        rig.processor.playKey (40 + i % 50, 100);
    for (auto i = 0; i < 50; ++i)
        rig.processor.playKey (40 + i, 0);
    rig.render (block);
    silent (report, "keys clicked while no block runs do not hang", rig);
}

void checkNoOutput (Report& report)
{
    PlainRig rig;
    rig.note (60, 100);
    rig.render (block);
    rig.outputs = 0;
    rig.note (60, 0);
    rig.render (block);
    rig.outputs = 2;
    silent (report, "note-offs arrive in a block without outputs", rig);
    rig.note (60, 100);
    rig.render (block);
    rig.note (60, 0);
    rig.render (0);
    silent (report, "note-offs arrive in a block without samples", rig);
}

}  // namespace

void checkNotes (Report& report)
{
    checkTiming (report);
    checkFlood (report);
    checkStopping (report);
    checkModes (report);
    checkBypass (report);
    checkEditorKeys (report);
    checkNoOutput (report);
}

// The counting itself: each kind of call, made once, is seen once.
void checkCounting (Report& report)
{
    onAudioThread (
        [&]
        {
            const auto before = hexachord_counted();
            std::mutex mutex;
            hexachord_watch_begin();
            // Through a volatile pointer: a compiler may leave out what nobody sees.
            int* volatile taken = new int (1);
            delete taken;
            {
                const std::lock_guard<std::mutex> hold (mutex);
            }
            const auto parent = getppid();
            hexachord_watch_end();
            const auto after = hexachord_counted();
            const auto made = [&] (auto field) { return after.*field - before.*field; };
            if (hexachord_counts_calls())
            {
                report.claim ("a new and a delete are counted",
                              made (&hexachord_counts::heap) == 2,
                              std::to_string (made (&hexachord_counts::heap)));
                report.claim ("a lock and its release are counted",
                              made (&hexachord_counts::locks) == 2,
                              std::to_string (made (&hexachord_counts::locks)));
            }
            if (hexachord_counts_system_calls())
                report.claim ("a system call is counted and still made",
                              made (&hexachord_counts::system_calls) == 1 && parent == getppid(),
                              std::to_string (made (&hexachord_counts::system_calls)));
        });
}

}  // namespace hexachord
