#include "NeuralRig.h"

#include <BinaryData.h>

#include <algorithm>

namespace hexachord
{

juce::MemoryBlock bundledFile (const char* name)
{
    auto size = 0;
    for (auto i = 0; i < BinaryData::namedResourceListSize; ++i)
        if (juce::StringRef (BinaryData::originalFilenames[i]) == juce::StringRef (name))
        {
            const auto* data = BinaryData::getNamedResource (BinaryData::namedResourceList[i], size);
            return { data, static_cast<std::size_t> (size) };
        }
    return {};
}

juce::StringArray bundledArchives()
{
    juce::StringArray names (BinaryData::originalFilenames, BinaryData::namedResourceListSize);
    for (auto i = names.size(); --i >= 0;)
        if (! names[i].endsWith (".ts"))
            names.remove (i);
    return names;
}

float largest (const Audio& audio, int from, int to)
{
    auto peak = 0.0f;
    for (auto i = from; i < to; ++i)
        peak = std::max (peak, std::abs (audio[static_cast<std::size_t> (i)]));
    return peak;
}

}  // namespace hexachord
