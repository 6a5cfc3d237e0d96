#include "OutputAnalysis.h"

namespace hexachord
{
namespace
{

static_assert (Meter::historySize == 1 << 12, "the spectrum is of the whole history");

constexpr float quietestDb = -90.0f, lowestHz = 30.0f, highestHz = 18000.0f;
constexpr float silence = 1.0e-5f;

}  // namespace

float placeOfHz (float hz)
{
    return std::log (juce::jmax (hz, 1.0f) / lowestHz) / std::log (highestHz / lowestHz);
}

float heightOfGain (float gain)
{
    return juce::jlimit (
        0.0f, 1.0f, 1.0f - juce::Decibels::gainToDecibels (gain, quietestDb) / quietestDb);
}

OutputAnalysis::OutputAnalysis (int bandCount)
    : window (Meter::historySize, juce::dsp::WindowingFunction<float>::hann, false),
      heights (static_cast<std::size_t> (bandCount))
{}

const std::vector<float>& OutputAnalysis::measure (const Meter& meter, double sampleRate)
{
    meter.copyHistory (history);
    std::copy (history.begin(), history.end(), bins.begin());
    std::fill (bins.begin() + Meter::historySize, bins.end(), 0.0f);
    if (std::all_of (history.begin(),
                     history.end(),
                     [] (float sample) { return std::abs (sample) < silence; }))
    {
        std::fill (heights.begin(), heights.end(), 0.0f);
        return heights;
    }
    window.multiplyWithWindowingTable (bins.data(), Meter::historySize);
    transform.performFrequencyOnlyForwardTransform (bins.data(), true);
    const auto rate = static_cast<float> (juce::jmax (8000.0, sampleRate));
    const auto binOf = [rate, this] (std::size_t band)
    {
        const auto place = static_cast<float> (band) / static_cast<float> (heights.size());
        const auto hz = lowestHz * std::pow (highestHz / lowestHz, place);
        return juce::jlimit (
            1, Meter::historySize / 2, juce::roundToInt (hz / rate * Meter::historySize));
    };
    for (std::size_t band = 0; band < heights.size(); ++band)
    {
        auto largest = 0.0f;
        const auto first = binOf (band), last = binOf (band + 1);
        for (auto bin = first; bin <= juce::jmax (first, last - 1); ++bin)
            largest = juce::jmax (largest, bins[static_cast<std::size_t> (bin)]);
        heights[band] = heightOfGain (largest * 4.0f / static_cast<float> (Meter::historySize));
    }
    return heights;
}

}  // namespace hexachord
