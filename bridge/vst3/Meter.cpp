#include "Meter.h"

#include <algorithm>
#include <cmath>

namespace hexachord
{

void Meter::observe (const float* samples, int count, const Engine& engine) noexcept
{
    if (! watched.load (std::memory_order_relaxed))
        return;
    auto largest = peak.load (std::memory_order_relaxed);
    auto at = written.load (std::memory_order_relaxed);
    for (auto i = 0; i < count; ++i)
    {
        largest = std::max (largest, std::abs (samples[i]));
        history[at++ % historySize].store (samples[i], std::memory_order_relaxed);
    }
    written.store (at, std::memory_order_release);
    peak.store (largest, std::memory_order_relaxed);
    voices.store (engine.sounding(), std::memory_order_relaxed);
    for (auto i = 0; i < 6; ++i)
        gains[static_cast<std::size_t> (i)].store (engine.operatorGain (i), std::memory_order_relaxed);
}

void Meter::copyHistory (std::array<float, historySize>& out) const noexcept
{
    const auto first = written.load (std::memory_order_acquire);
    for (auto i = 0; i < historySize; ++i)
        out[static_cast<std::size_t> (i)] =
            history[(first + static_cast<unsigned> (i)) % historySize].load (std::memory_order_relaxed);
}

}  // namespace hexachord
