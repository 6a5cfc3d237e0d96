#include "PlayingPage.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int leftWidth = 400, gap = 36;

std::vector<Cell> modulatorCells()
{
    return cellsOf ({ { "wheel_range", "Wheel" },
                      { "wheel_pitch", "Pitch" },
                      { "wheel_amp", "Amp" },
                      { "wheel_eg_bias", "Bias" },
                      { "foot_range", "Foot" },
                      { "foot_pitch", "Pitch" },
                      { "foot_amp", "Amp" },
                      { "foot_eg_bias", "Bias" },
                      { "breath_range", "Breath" },
                      { "breath_pitch", "Pitch" },
                      { "breath_amp", "Amp" },
                      { "breath_eg_bias", "Bias" },
                      { "aftertouch_range", "Touch" },
                      { "aftertouch_pitch", "Pitch" },
                      { "aftertouch_amp", "Amp" },
                      { "aftertouch_eg_bias", "Bias" } });
}

}  // namespace

PlayingPage::PlayingPage (Desk& owner)
    : desk (owner),
      voices (desk,
              "Voices",
              cellsOf ({ { "voice_mode", "Mode" },
                         { "polyphony", "Polyphony" },
                         { "mpe", "MPE" },
                         { "portamento", "Portamento" },
                         { "portamento_time", "Time" },
                         { "glissando", "Glissando" } }),
              3),
      pitch (desk,
             "Pitch and output",
             cellsOf ({ { "pitch_bend_range", "Bend" },
                        { "master_tune", "Tune" },
                        { "output_gain", "Gain" } }),
             3),
      phrase (desk,
              "Phrase",
              cellsOf ({ { "note_length", "Note length" },
                         { "note_length_sync", "Length sync" },
                         { "style", "Style" },
                         { "seed", "Seed" } }),
              2),
      modulators (desk, "Modulators", modulatorCells(), 4),
      controllers (desk)
{
    for (auto* part : std::initializer_list<juce::Component*> {
             &voices, &pitch, &phrase, &modulators, &controllers })
        addAndMakeVisible (part);
    showSound();
}

void PlayingPage::showSound()
{
    modulators.setVisible (! desk.neuralSound().has_value());
    phrase.setUsed (parameterNamed ("style"), desk.facts().hasStyle);
    resized();
}

void PlayingPage::paint (juce::Graphics& g)
{
    g.setColour (colour::faint);
    g.fillRect (leftWidth + gap / 2, 4, 1, getHeight() - 8);
}

void PlayingPage::resized()
{
    auto area = getLocalBounds();
    auto left = area.removeFromLeft (leftWidth);
    for (auto* block : { &voices, &pitch, &phrase })
    {
        block->setBounds (left.removeFromTop (block->heightNeeded()));
        left.removeFromTop (16);
    }
    area.removeFromLeft (gap);
    if (modulators.isVisible())
    {
        modulators.setBounds (area.removeFromTop (modulators.heightNeeded()));
        area.removeFromTop (14);
    }
    controllers.setBounds (area);
}

}  // namespace hexachord
