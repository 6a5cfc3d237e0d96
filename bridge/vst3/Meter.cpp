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
    for (auto i = 0; i < operatorCount; ++i)
        gains[static_cast<std::size_t> (i)].store (engine.operatorGain (i), std::memory_order_relaxed);
    observeNeural (engine);
}

void Meter::observeNeural (const Engine& engine) noexcept
{
    const auto* voice = engine.newestNeural();
    slot.store (voice == nullptr ? -1 : voice->model, std::memory_order_relaxed);
    if (voice == nullptr)
    {
        f0Hz.store (0.0f, std::memory_order_relaxed);
        return;
    }
    const auto& player = engine.playerOf (*voice);
    row.store (voice->model_instrument, std::memory_order_relaxed);
    f0Hz.store (static_cast<float> (player.f0_hz[1]), std::memory_order_relaxed);
    for (std::size_t i = 0; i < controls.size(); ++i)
        controls[i].store (static_cast<float> (player.controls[i]), std::memory_order_relaxed);
    for (std::size_t i = 0; i < operators.size(); ++i)
        operators[i].store (voice->raw_gain[i], std::memory_order_relaxed);
    auto count = 0;
    for (auto i = 0; i < NeuralView::mostPartials; ++i)
    {
        levels[static_cast<std::size_t> (i)].store (player.partials[1][i], std::memory_order_relaxed);
        if (player.partials[1][i] > 0.0f)
            count = i + 1;
    }
    partials.store (count, std::memory_order_relaxed);
}

NeuralView Meter::neuralView() const noexcept
{
    NeuralView out;
    out.slot = slot.load (std::memory_order_relaxed);
    out.row = row.load (std::memory_order_relaxed);
    out.f0Hz = f0Hz.load (std::memory_order_relaxed);
    out.partials = partials.load (std::memory_order_relaxed);
    for (std::size_t i = 0; i < controls.size(); ++i)
        out.controls[i] = controls[i].load (std::memory_order_relaxed);
    for (std::size_t i = 0; i < operators.size(); ++i)
        out.operators[i] = operators[i].load (std::memory_order_relaxed);
    for (std::size_t i = 0; i < levels.size(); ++i)
        out.levels[i] = levels[i].load (std::memory_order_relaxed);
    return out;
}

void Meter::copyHistory (std::array<float, historySize>& out) const noexcept
{
    const auto first = written.load (std::memory_order_acquire);
    for (auto i = 0; i < historySize; ++i)
        out[static_cast<std::size_t> (i)] =
            history[(first + static_cast<unsigned> (i)) % historySize].load (std::memory_order_relaxed);
}

}  // namespace hexachord
