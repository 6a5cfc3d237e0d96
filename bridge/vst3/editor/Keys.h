// The keyboard, drawn flat.
#pragma once

#include <juce_audio_utils/juce_audio_utils.h>

namespace hexachord
{

class Keys final : public juce::MidiKeyboardComponent
{
public:
    explicit Keys (juce::MidiKeyboardState& shown);
    void drawBlackNote (int note,
                        juce::Graphics& g,
                        juce::Rectangle<float> area,
                        bool isDown,
                        bool isOver,
                        juce::Colour fill) override;
};

}  // namespace hexachord
