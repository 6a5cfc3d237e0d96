// What the plug-in promises of neural instruments. Without a bundled model there is nothing to claim.
#include "Claims.h"

#include "NeuralRig.h"

#include <algorithm>

namespace hexachord
{
namespace
{

constexpr int second = 48000, block = 64, frame = second / 250;
constexpr float poly = 0.0f, legato = 2.0f;

bool isAny (const std::array<float, operatorCount>& levels)
{
    return std::any_of (levels.begin(), levels.end(), [] (auto level) { return level > 0.0f; });
}

void checkArchives (Report& report)
{
    const auto files = bundledArchives();
    report.claim ("every bundled archive is a model that plays",
                  static_cast<int> (bundledModels().size()) == files.size(),
                  std::to_string (bundledModels().size()) + " of " + files.joinIntoString (", ").toStdString());
    auto names = Processor().instrument.bundledInstruments();
    const auto all = names.size();
    names.removeDuplicates (false);
    report.claim ("no two bundled instruments have one name", names.size() == all);
}

void checkInstruments (Report& report)
{
    for (const auto& facts : Processor().instrument.instruments ({}))
    {
        NeuralRig rig (facts.name);
        const auto name = facts.name.toStdString();
        rig.note (60, 100);
        const auto audio = rig.record (second / 2);
        report.claim (name + " sounds within 4 ms of its note",
                      largest (audio, 0, frame) > 0.0f && largest (audio, 0, second / 2) > 1e-4f,
                      std::to_string (largest (audio, 0, second / 2)));
        const auto view = rig.processor.meter.neuralView();
        report.claim (name + " is what the meter sees",
                      rig.processor.instrument.nameOf (view) == facts.name && view.f0Hz > 240.0f
                          && view.f0Hz < 285.0f
                          && (facts.patch.has_value() ? isAny (view.operators) : view.partials > 0),
                      std::to_string (view.f0Hz) + " Hz, " + std::to_string (view.partials) + " partials");
        rig.note (60, 0);
        const auto longestTail = static_cast<int> (second * rig.processor.getTailLengthSeconds());
        const auto tail = rig.record (longestTail + second / 10);
        report.claim (name + " falls silent within its tail",
                      largest (tail, longestTail, longestTail + second / 10) == 0.0f
                          && rig.processor.meter.sounding() == 0,
                      std::to_string (rig.processor.meter.sounding()));
        report.claim (name + " is finite", rig.nonFinite == 0 && rig.problem.isEmpty(), rig.problem.toStdString());
    }
}

float distance (const Audio& one, const Audio& other)
{
    auto apart = 0.0f;
    for (std::size_t i = 0; i < std::min (one.size(), other.size()); ++i)
        apart = std::max (apart, std::abs (one[i] - other[i]));
    return apart;
}

// Notes that overlap, pedal, bends and controllers at odd times; the same whatever the blocks.
Audio performance (int samplesPerBlock)
{
    NeuralRig rig;
    Audio out;
    constexpr int length = second;
    for (auto begin = 0; begin < length; begin += samplesPerBlock)
    {
        const auto now = std::min (samplesPerBlock, length - begin);
        for (auto i = 0; i < 64; ++i)
        {
            const auto at = 751 * i - begin;
            if (at < 0 || at >= now)
                continue;
            rig.note (50 + 5 * i % 36, i % 3 == 2 ? 0 : 100, at);
            rig.controller (i % 8 == 0 ? 64 : 74, 17 * i % 128, at);
        }
        rig.render (now);
        for (auto i = 0; i < now; ++i)
            out.push_back (rig.sample (i));
    }
    return out;
}

void checkNeuralBlocks (Report& report)
{
    const auto reference = performance (block);
    for (const auto samples : { 1, 7, 441, 4096 })
    {
        const auto apart = distance (performance (samples), reference);
        report.claim ("a violin in blocks of " + std::to_string (samples) + " samples sounds like in 64",
                      apart <= 1e-5f,
                      std::to_string (apart));
    }
}

// What a held violin note sounds like if `between` happens to its plug-in after a tenth of a second.
template <typename Between>
Audio heldNote (Between&& between)
{
    NeuralRig rig;
    rig.note (60, 100);
    rig.record (second / 10);
    between (rig);
    return rig.record (second / 2);
}

void checkSwitching (Report& report)
{
    const auto plain = heldNote ([] (auto&) {});
    // Its controls keep their values but for rounding.
    const auto stays = [&] (const std::string& what, const Audio& audio)
    {
        const auto apart = distance (audio, plain);
        report.claim (what, apart < 1e-6f && largest (plain, 0, second / 2) > 1e-4f, std::to_string (apart));
    };
    juce::String lastLine, lastInstrument;
    stays ("a sounding note keeps its instrument when another is chosen",
           heldNote ([] (auto& rig) { rig.processor.instrument.chooseInstrument ("flute"); }));
    stays ("a sounding note keeps its instrument when a voice is chosen",
           heldNote ([] (auto& rig) { rig.processor.setCurrentProgram (3); }));
    stays ("a sounding note keeps its model when others are loaded",
           heldNote (
               [&] (auto& rig)
               {
                   const auto bytes = bundledFile();
                   for (auto i = 0; i < 6; ++i)
                   {
                       const ModelFile file (bytes);
                       lastLine = rig.processor.instrument.loadModel (file.path(), "tuba");
                       rig.render (0);
                   }
                   lastInstrument = rig.instrument();
               }));
    report.claim ("and six models one after the other load",
                  lastLine.isEmpty() && lastInstrument == "tuba",
                  lastLine.toStdString());
    stays ("a sounding note does not notice what is chosen again",
           heldNote ([] (auto& rig) { rig.processor.instrument.chooseInstrument ("violin"); }));
}

// Every note of its own model, more of them than can sound: the next model always finds a slot.
void checkSlots (Report& report)
{
    constexpr int models = 2 * HEXACHORD_MODEL_SLOTS;
    NeuralRig rig;
    rig.processor.parameter (parameter::voiceMode).setPlain (poly);
    const auto live = bundledFile();
    juce::StringArray lines;
    auto chosen = 0;
    for (auto i = 0; i < models; ++i)
    {
        const ModelFile file (live);
        lines.add (rig.processor.instrument.loadModel (file.path(), i % 2 == 0 ? "oboe" : "horn"));
        chosen += rig.instrument() == (i % 2 == 0 ? "oboe" : "horn");
        rig.note (48 + i, 100);
        rig.render (block);
    }
    lines.removeEmptyStrings();
    report.claim ("every one of " + std::to_string (models) + " models is chosen while those before it sound",
                  lines.isEmpty() && chosen == models,
                  lines.joinIntoString ("; ").toStdString());
    const auto audio = rig.record (second / 4);
    report.claim ("and as many notes of them sound as can",
                  largest (audio, 0, second / 4) > 1e-4f
                      && rig.processor.meter.sounding() == HEXACHORD_LIVE_VOICES,
                  std::to_string (rig.processor.meter.sounding()));
}

void checkUsualValues (Report& report)
{
    NeuralRig rig;
    auto& instrument = rig.processor.instrument;
    const auto stands = [&] (int index) { return std::abs (rig.plain (index) - instrument.typical (index)) < 1e-6f; };
    rig.render (block);
    auto all = rig.plain (parameter::voiceMode) == legato;
    for (auto i = 0; i < controlCount; ++i)
        all = all && stands (i);
    report.claim ("an instrument brings its usual controls, and legato", all);
    rig.processor.parameter (parameter::volume).setPlain (0.31f);
    rig.render (block);
    instrument.chooseInstrument ("tuba");
    rig.render (block);
    report.claim ("what was asked for stays with another instrument",
                  rig.plain (parameter::volume) == 0.31f && stands (parameter::brightness),
                  std::to_string (rig.plain (parameter::volume)));
    rig.processor.setCurrentProgram (2);
    rig.render (block);
    report.claim ("a voice brings its own back",
                  rig.plain (parameter::volume) == 0.31f && rig.plain (parameter::voiceMode) == poly
                      && rig.plain (parameter::brightness) == 0.5f && rig.instrument() == "voice",
                  std::to_string (rig.plain (parameter::brightness)));
}

}  // namespace

void checkNeural (Report& report)
{
    checkArchives (report);
    if (bundledModels().empty())
        return;
    checkInstruments (report);
    checkNeuralBlocks (report);
    checkSwitching (report);
    checkSlots (report);
    checkUsualValues (report);
}

}  // namespace hexachord
