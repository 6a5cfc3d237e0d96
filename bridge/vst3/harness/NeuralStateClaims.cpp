// What the plug-in keeps of neural instruments, and what it makes of files that are damaged.
#include "Claims.h"

#include "NeuralRig.h"

namespace hexachord
{
namespace
{

constexpr int second = 48000, block = 64;

void checkKeeping (Report& report)
{
    NeuralRig rig ("cello");
    rig.processor.parameter (parameter::vibrato).setPlain (0.77f);
    const auto playsAlike = [&] (const std::string& what, NeuralRig& other)
    {
        rig.processor.reset();
        other.processor.reset();
        rig.note (50, 100);
        other.note (50, 100);
        const auto audio = rig.record (second / 4);
        report.claim (what, audio == other.record (second / 4) && largest (audio, 0, second / 4) > 1e-4f);
    };
    const auto state = rig.state();
    NeuralRig other ("horn");
    other.restore (state);
    report.claim ("a state of an instrument restored and saved again has the same bytes", state == other.state());
    playsAlike ("a state of an instrument restored sounds the same", other);
    rig.processor.prepareToPlay (second, block);
    playsAlike ("preparing anew keeps the instrument", other);

    const auto bytes = bundledFile();
    juce::MemoryBlock owned;
    {
        const ModelFile file (bytes);
        rig.processor.instrument.loadModel (file.path(), "viola");
        owned = rig.state();
        NeuralRig near;
        near.restore (owned);
        report.claim ("a user's model is found at its path",
                      near.state() == owned && near.instrument() == "viola"
                          && near.processor.instrument.stateProblem().isEmpty(),
                      near.processor.instrument.stateProblem().toStdString());
    }
    NeuralRig far;
    far.restore (owned);
    report.claim ("a user's model that is gone comes out of the state",
                  far.state() == owned && far.instrument() == "viola");
    playsAlike ("a user's model out of the state sounds the same", far);
    const auto xml = juce::AudioProcessor::getXmlFromBinary (owned.getData(), static_cast<int> (owned.getSize()));
    xml->getChildByName ("sound")->removeAttribute ("model_file");
    juce::MemoryBlock lost;
    juce::AudioProcessor::copyXmlToBinary (*xml, lost);
    NeuralRig without ("flute");
    without.restore (lost);
    const auto line = without.processor.instrument.stateProblem();
    report.claim ("a model that cannot be had leaves the sound that played, and says so in one line",
                  without.instrument() == "flute" && line.isNotEmpty() && ! line.containsAnyOf ("\r\n"),
                  line.toStdString());
    NeuralRig again;
    again.restore (without.state());
    report.claim ("what a state asked for in vain is saved again",
                  again.processor.instrument.savedModel().sha256
                      == xml->getChildByName ("sound")->getStringAttribute ("model_sha256"));
    without.processor.instrument.chooseInstrument ("oboe");
    report.claim ("until another sound is chosen", without.processor.instrument.savedModel().isBundled());
}

void checkDamage (const char* name, Report& report)
{
    const auto whole = bundledFile (name);
    NeuralRig rig ("bassoon");
    const auto before = rig.state();
    juce::Random random (5);
    auto refused = 0, harmless = 0, unclear = 0;
    for (auto i = 0; i < 60; ++i)
    {
        auto damaged = whole;
        if (i % 3 == 0)
            damaged.setSize (static_cast<std::size_t> (random.nextInt (static_cast<int> (whole.getSize()))));
        else
            for (auto k = 0; k < 1 << i % 12; ++k)
                damaged[random.nextInt (static_cast<int> (damaged.getSize()))] =
                    static_cast<char> (random.nextInt (256));
        const ModelFile file (damaged);
        const auto line = rig.processor.instrument.loadModel (file.path());
        if (line.isEmpty())
        {
            ++harmless;
            rig.restore (before);
            continue;
        }
        ++refused;
        unclear += ! line.startsWith (file.path().getFileName() + ": ") || line.containsAnyOf ("\r\n")
                || rig.state() != before;
    }
    // Bytes that nobody reads may well be another's.
    report.claim (std::string (name) + ": damaged, it is refused in one line, and the sound stays",
                  unclear == 0 && refused > 20,
                  std::to_string (refused) + " refused, " + std::to_string (harmless) + " damaged elsewhere");
}

}  // namespace

void checkNeuralStates (Report& report)
{
    if (bundledModels().empty())
        return;
    checkKeeping (report);
    for (const auto* name : { "live.ts", "ddx7-violin.ts" })
        if (! bundledFile (name).isEmpty())
            checkDamage (name, report);
}

}  // namespace hexachord
