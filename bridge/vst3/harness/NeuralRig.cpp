#include "NeuralRig.h"

#include <BinaryData.h>

#include <algorithm>

namespace hexachord
{

juce::MemoryBlock bundledFile()
{
    auto size = 0;
    const auto* data = BinaryData::getNamedResource ("live_ts", size);
    return { data, static_cast<std::size_t> (size) };
}

float largest (const Audio& audio, int from, int to)
{
    auto peak = 0.0f;
    for (auto i = from; i < to; ++i)
        peak = std::max (peak, std::abs (audio[static_cast<std::size_t> (i)]));
    return peak;
}

}  // namespace hexachord
