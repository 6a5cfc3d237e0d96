// What the plug-in promises of DDX7 models: DX7 voices whose operators a network plays. Without a
// bundled one there is nothing to claim.
#include "Claims.h"

#include "NeuralRig.h"

namespace hexachord
{
namespace
{

constexpr int second = 48000, block = 64, key = 69;

std::vector<InstrumentFacts> ddx7Instruments()
{
    std::vector<InstrumentFacts> found;
    for (const auto& facts : Processor().instrument.instruments ({}))
        if (facts.patch.has_value())
            found.push_back (facts);
    return found;
}

int parameterOf (const char* id)
{
    auto index = 0;
    while (juce::StringRef (parameterTable[index].id) != juce::StringRef (id))
        ++index;
    return index;
}

bool showsVoiceOf (NeuralRig& rig, const InstrumentFacts& facts)
{
    for (auto i = 0; i < fieldCount; ++i)
        if (rig.plain (firstVoiceParameter + i)
            != (*facts.patch)[static_cast<std::size_t> (i)] + static_cast<float> (fieldTable[i].shownFrom))
            return false;
    return true;
}

// A note and what sounds after it, on an engine that begins.
Audio note (NeuralRig& rig)
{
    rig.processor.reset();
    rig.note (key, 100);
    auto audio = rig.record (second / 4);
    rig.note (key, 0);
    const auto tail = rig.record (second / 4);
    audio.insert (audio.end(), tail.begin(), tail.end());
    return audio;
}

bool isHeard (const Audio& audio)
{
    return largest (audio, 0, second / 4) > 1e-4f;
}

// Hosts hear of parameters as this does.
struct Host final : juce::AudioProcessorListener
{
    void audioProcessorParameterChanged (juce::AudioProcessor*, int, float) override { ++automation; }
    void audioProcessorChanged (juce::AudioProcessor*, const ChangeDetails&) override {}
    int automation = 0;
};

void checkVoice (const InstrumentFacts& facts, Report& report)
{
    const auto name = facts.name.toStdString();
    NeuralRig rig ("violin");
    Host host;
    rig.processor.addListener (&host);
    rig.processor.instrument.displayIsStale();
    const auto line = rig.processor.instrument.chooseInstrument (facts.name);
    report.claim (name + " shows its DX7 voice at once, and the host is to read it",
                  line.isEmpty() && showsVoiceOf (rig, facts) && rig.processor.instrument.displayIsStale());
    rig.note (key, 100);
    rig.record (second / 10);
    report.claim (name + " goes on showing it, writes no automation and leaves nothing to be read",
                  showsVoiceOf (rig, facts) && host.automation == 0
                      && ! rig.processor.instrument.displayIsStale(),
                  std::to_string (host.automation));
    rig.processor.removeListener (&host);
    const auto view = rig.processor.meter.neuralView();
    report.claim (name + " shows the levels of its operators",
                  *std::max_element (view.operators.begin(), view.operators.end()) > 0.0f
                      && *std::max_element (view.operators.begin(), view.operators.end()) <= 1.0f);
}

void checkEdits (const InstrumentFacts& facts, Report& report)
{
    const auto name = facts.name.toStdString();
    NeuralRig rig (facts.name);
    const auto plain = note (rig);
    report.claim (name + " plays the same note twice", isHeard (plain) && note (rig) == plain);
    for (const auto& [id, value] : { std::make_pair ("op2_coarse", 5.0f),
                                     std::make_pair ("op1_level", 60.0f),
                                     std::make_pair ("op1_on", 0.0f),
                                     std::make_pair ("algorithm", 32.0f) })
    {
        const auto index = parameterOf (id);
        rig.processor.parameter (index).setPlain (value);
        const auto edited = note (rig);
        report.claim (name + " is heard with " + id + " edited, which stays",
                      edited != plain && rig.plain (index) == value,
                      std::to_string (rig.plain (index)));
        NeuralRig other ("violin");
        other.restore (rig.state());
        report.claim (name + " with " + id + " edited comes back from a state, and sounds the same",
                      other.state() == rig.state() && note (other) == edited);
        rig.processor.instrument.chooseInstrument (facts.name);
        report.claim (name + " chosen again is unedited after " + id,
                      showsVoiceOf (rig, facts) && note (rig) == plain);
    }
}

// From an instrument to a voice of the bank and back, in an engine that goes on.
void checkReturning (const InstrumentFacts& facts, Report& report)
{
    const auto name = facts.name.toStdString();
    constexpr int program = 3;
    NeuralRig fresh ("violin"), rig (facts.name);
    rig.record (second / 10);
    for (auto* each : { &fresh, &rig })
        each->processor.setCurrentProgram (program);
    const auto voice = rig.processor.instrument.bank().voices[program];
    report.claim ("a voice chosen after " + name + " is the bank's, and sounds like it",
                  rig.processor.instrument.voice() == voice && note (rig) == note (fresh)
                      && isHeard (note (rig)));
    rig.processor.instrument.chooseInstrument (facts.name);
    NeuralRig plain (facts.name);
    report.claim (name + " after a voice sounds like itself", note (rig) == note (plain));
    rig.processor.instrument.chooseInstrument ("violin");
    NeuralRig violin ("violin");
    report.claim ("a violin after " + name + " sounds like itself", note (rig) == note (violin));
    const std::uint8_t change[] = { 0xC0, program };
    rig.processor.instrument.chooseInstrument (facts.name);
    rig.render (block);
    rig.send (change, 2);
    rig.render (block);
    report.claim ("a program change on " + name + " chooses the bank's voice",
                  rig.instrument() == "voice" && rig.processor.instrument.voice() == voice);
}

}  // namespace

void checkDdx7 (Report& report)
{
    for (const auto& facts : ddx7Instruments())
    {
        checkVoice (facts, report);
        checkEdits (facts, report);
        checkReturning (facts, report);
    }
}

}  // namespace hexachord
