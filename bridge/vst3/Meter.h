// What the editor shows of the sound: peak level, operator gains, the last samples for a spectrum,
// keys that are down. Written by the audio thread, read by the editor, without locks.
#pragma once

#include "Engine.h"

#include <array>
#include <atomic>

namespace hexachord
{

class Meter
{
public:
    static constexpr int historySize = 4096;

    // Audio thread: takes in a block of the output and what the engine does.
    void observe (const float* samples, int count, const Engine& engine) noexcept;

    // Editor: the largest sample since the last call.
    float takePeak() noexcept { return peak.exchange (0.0f); }
    float operatorGain (int index) const noexcept
    {
        return gains[static_cast<std::size_t> (index)].load (std::memory_order_relaxed);
    }
    int sounding() const noexcept { return voices.load (std::memory_order_relaxed); }

    // Editor: copies the last `historySize` samples, oldest first. A block that arrives meanwhile
    // may show in it: this is a picture, not a recording.
    void copyHistory (std::array<float, historySize>& out) const noexcept;

    // Whether anybody looks: without an editor nothing is observed.
    void setWatched (bool isWatched) noexcept { watched = isWatched; }

private:
    std::array<std::atomic<float>, historySize> history {};
    std::array<std::atomic<float>, 6> gains {};
    std::atomic<float> peak { 0.0f };
    std::atomic<int> voices { 0 };
    std::atomic<unsigned> written { 0 };
    std::atomic<bool> watched { false };
};

}  // namespace hexachord
