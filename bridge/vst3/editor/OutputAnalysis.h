// The spectrum of the plug-in's last samples in bands of equal width in octaves, and where a
// frequency and a level stand in its picture.
#pragma once

#include "../Meter.h"

#include <juce_dsp/juce_dsp.h>

#include <vector>

namespace hexachord
{

// From 0, the left end, to 1, the right end of a picture from 30 Hz to 18 kHz.
float placeOfHz (float hz);

// From 0, -90 dB, to 1, full scale.
float heightOfGain (float gain);

class OutputAnalysis
{
public:
    explicit OutputAnalysis (int bandCount);

    // The bands' heights as of now; all 0 in silence.
    const std::vector<float>& measure (const Meter& meter, double sampleRate);

private:
    static constexpr int order = 12;

    juce::dsp::FFT transform { order };
    juce::dsp::WindowingFunction<float> window;
    std::array<float, Meter::historySize> history {};
    std::array<float, 2 * Meter::historySize> bins {};
    std::vector<float> heights;
};

}  // namespace hexachord
