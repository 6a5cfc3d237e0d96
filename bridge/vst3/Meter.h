// What the editor shows of the sound: peak level, operator gains, the newest neural note, the last
// samples for a spectrum. Written by the audio thread, read by the editor, without locks.
#pragma once

#include "Engine.h"

#include <array>
#include <atomic>

namespace hexachord
{

// The newest neural note that sounds; no slot and 0 Hz if none does. `levels` are linear amplitudes, the
// fundamental first, `partials` how many count. `controls` are the six as they sound, the performer's part in.
// `operators` are shares of an operator's full level, operator 1 first; all 0 unless a DDX7 model plays.
struct NeuralView
{
    static constexpr int mostPartials = 100;

    int slot = -1, row = 0;
    float f0Hz = 0.0f;
    std::array<float, 6> controls {};
    int partials = 0;
    std::array<float, mostPartials> levels {};
    std::array<float, operatorCount> operators {};
};

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

    // Editor: how many samples were observed so far, round the clock; it stands still while the host
    // plays no blocks.
    unsigned observed() const noexcept { return written.load (std::memory_order_relaxed); }

    // Editor: copies the last `historySize` samples, oldest first. A block that arrives meanwhile
    // may show in it: this is a picture, not a recording.
    void copyHistory (std::array<float, historySize>& out) const noexcept;

    // Editor: the newest neural note, as of the last block. Numbers of two blocks may mix.
    NeuralView neuralView() const noexcept;

    // Whether anybody looks: without an editor nothing is observed.
    void setWatched (bool isWatched) noexcept { watched = isWatched; }

private:
    void observeNeural (const Engine& engine) noexcept;

    std::array<std::atomic<float>, historySize> history {};
    std::array<std::atomic<float>, operatorCount> gains {};
    std::atomic<float> peak { 0.0f };
    std::atomic<int> voices { 0 };
    std::atomic<unsigned> written { 0 };
    std::atomic<bool> watched { false };

    std::atomic<int> slot { -1 }, row { 0 }, partials { 0 };
    std::atomic<float> f0Hz { 0.0f };
    std::array<std::atomic<float>, 6> controls {};
    std::array<std::atomic<float>, NeuralView::mostPartials> levels {};
    std::array<std::atomic<float>, operatorCount> operators {};
};

}  // namespace hexachord
