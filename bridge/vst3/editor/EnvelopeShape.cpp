#include "EnvelopeShape.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hexachord
{
namespace
{

// The level envelope counts in 1/4080 of full level and 64 samples at 44.1 kHz (DESIGN.md section 2
// and plugin_core.dx7.envelopes); attacks run about as fast as their steps grow.
constexpr double tickS = 64.0 / 44100.0, unitsPerLevel = 4080.0 / 99.0, attackHaste = 6.0;
constexpr double slowestPitchS = 20.0, pitchDoublings = 9.0;
constexpr double shortestS = 0.003;
constexpr double holdWidth = 2.0, leastWidth = 0.7;

}  // namespace

double segmentSeconds (const EnvelopeSettings& envelope, int segment, EnvelopeKind kind)
{
    const auto at = static_cast<std::size_t> (segment);
    const auto rate = envelope.rate[at];
    const auto rise = envelope.level[at] - envelope.level[(at + 3) % 4];
    if (kind == EnvelopeKind::pitch)
        return std::abs (rise) / 99.0 * slowestPitchS * std::exp2 (-pitchDoublings * rate / 99.0);
    const auto quick = std::min (63, 41 * rate / 64);
    const auto step = (4 + quick % 4) * std::exp2 (quick / 4 - 8) * (rise > 0 ? attackHaste : 1.0);
    return std::abs (rise) * unitsPerLevel / step * tickS;
}

std::array<float, 5> envelopeWidths (const EnvelopeSettings& envelope, EnvelopeKind kind)
{
    const auto width = [&] (int segment)
    {
        return leastWidth
            + std::log2 (1.0 + segmentSeconds (envelope, segment, kind) / shortestS) * 0.5;
    };
    const std::array<double, 5> parts { width (0), width (1), width (2), holdWidth, width (3) };
    const auto sum = std::accumulate (parts.begin(), parts.end(), 0.0);
    std::array<float, 5> shares {};
    std::transform (parts.begin(),
                    parts.end(),
                    shares.begin(),
                    [sum] (double part) { return static_cast<float> (part / sum); });
    return shares;
}

}  // namespace hexachord
