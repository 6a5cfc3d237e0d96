// The file of a neural instrument (.ts) as bytes: a zip archive, of which two data files are read.
// Nothing in it is run. What is wrong comes back as the end of a sentence, "expected ..., found ...".
#pragma once

#include <juce_core/juce_core.h>

#include <cstdint>
#include <vector>

namespace hexachord
{

// Where a tensor of a safetensors file lies.
struct Tensor
{
    juce::String type;
    std::vector<juce::int64> shape;
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
};

// The two files that DESIGN.md, section 3, names: `extra/hexachord.json` and
// `extra/weights.safetensors`, whatever folder stands above them.
struct Archive
{
    juce::var description;
    juce::MemoryBlock weights;

    // Reads both from a whole file; empty if all is well.
    juce::String read (const void* data, std::size_t size);

    // Finds a tensor among the weights; empty if all is well.
    juce::String find (const char* name, Tensor& out) const;
};

}  // namespace hexachord
