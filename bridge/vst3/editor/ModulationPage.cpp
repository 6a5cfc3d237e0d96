#include "ModulationPage.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int leftWidth = 372, gap = 40;

}  // namespace

ModulationPage::ModulationPage (Desk& desk)
    : lfo (desk,
           "LFO",
           cellsOf ({ { "lfo_wave", "Wave" },
                      { "lfo_sync", "Restart with the key" },
                      { "lfo_speed", "Speed" },
                      { "lfo_delay", "Delay" },
                      { "lfo_pitch_depth", "Pitch depth" },
                      { "lfo_amp_depth", "Amplitude depth" },
                      { "pitch_mod_sensitivity", "Pitch sensitivity" } }),
           2),
      voice (desk,
             "Voice",
             cellsOf ({ { "algorithm", "Algorithm" },
                        { "feedback", "Feedback" },
                        { "transpose", "Transpose" },
                        { "oscillator_sync", "Oscillator key sync" } }),
             2),
      pitch (desk,
             {},
             cellsOf ({ { "pitch_eg_rate1", "Rate 1" },
                        { "pitch_eg_rate2", "Rate 2" },
                        { "pitch_eg_rate3", "Rate 3" },
                        { "pitch_eg_rate4", "Rate 4" },
                        { "pitch_eg_level1", "Level 1" },
                        { "pitch_eg_level2", "Level 2" },
                        { "pitch_eg_level3", "Level 3" },
                        { "pitch_eg_level4", "Level 4" } }),
             4),
      envelope (desk, EnvelopeKind::pitch, parameterNamed ("pitch_eg_rate1"))
{
    for (auto* part : std::initializer_list<juce::Component*> { &lfo, &voice, &envelope, &pitch })
        addAndMakeVisible (part);
}

void ModulationPage::paint (juce::Graphics& g)
{
    g.setColour (colour::faint);
    g.fillRect (leftWidth + gap / 2, 4, 1, getHeight() - 8);
    g.setColour (colour::ink);
    g.setFont (boldFont (bodyType));
    g.drawText (
        "Pitch envelope", leftWidth + gap, 0, 200, 22, juce::Justification::centredLeft, true);
}

void ModulationPage::resized()
{
    auto area = getLocalBounds();
    auto left = area.removeFromLeft (leftWidth);
    lfo.setBounds (left.removeFromTop (lfo.heightNeeded()));
    left.removeFromTop (20);
    voice.setBounds (left.removeFromTop (voice.heightNeeded()));
    area.removeFromLeft (gap);
    area.removeFromTop (26);
    pitch.setBounds (area.removeFromBottom (pitch.heightNeeded()));
    envelope.setBounds (area.withTrimmedBottom (16));
}

}  // namespace hexachord
