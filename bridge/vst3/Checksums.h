// The two checksums that model files need: CRC-32 as zip archives have it (ISO 3309), SHA-256 (FIPS
// 180-4) to know a file again.
#pragma once

#include <juce_core/juce_core.h>

#include <cstdint>

namespace hexachord
{

std::uint32_t crc32Of (const std::uint8_t* data, std::size_t size) noexcept;

// 64 hexadecimal digits in lower case.
juce::String sha256Of (const void* data, std::size_t size);

}  // namespace hexachord
