// The course of a DX7 envelope for drawing: where its four segments lie in time and level.
#pragma once

#include <array>

namespace hexachord
{

// Stored rates and levels, 0..99.
struct EnvelopeSettings
{
    std::array<int, 4> rate {}, level {};

    bool operator== (const EnvelopeSettings& other) const
    {
        return rate == other.rate && level == other.level;
    }
};

enum class EnvelopeKind
{
    level,
    pitch
};

// How long segment 0..3 takes, in seconds; segment 3 is the release.
double segmentSeconds (const EnvelopeSettings& envelope, int segment, EnvelopeKind kind);

// Shares of the picture's width, which grow with the logarithm of the time: from 1 ms to minutes
// all is to be seen. Five parts: three segments, the held key, the release; their sum is 1.
std::array<float, 5> envelopeWidths (const EnvelopeSettings& envelope, EnvelopeKind kind);

}  // namespace hexachord
