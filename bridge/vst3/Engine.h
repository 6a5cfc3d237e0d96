// The engine's memory and its entry points, as one object. Nothing here allocates after
// construction; the audio thread calls render, reset belongs to prepareToPlay.
#pragma once

#include <hexachord_engine.h>
#include <hexachord_parameters.h>

#include "Models.h"

#include <array>
#include <memory>

namespace hexachord
{

inline constexpr int operatorCount = 6;

using Patch = std::array<float, HEXACHORD_PATCH_SIZE>;
using Event = hexachord_event;

class Engine
{
public:
    Engine();

    // Silences everything; parameters go to their defaults, the patch is loaded. A rate at which no
    // host plays is brought to one at which the engine can.
    void reset (double sampleRate, const Patch& patch);

    // Renders `samples` of mono audio under events sorted by offset. A SOUND event loads `patch`, a
    // MODEL event an instrument of what lies in a slot.
    void render (const Event* events,
                 int eventCount,
                 const Patch& patch,
                 const ModelSlots& models,
                 double tempoBpm,
                 double beat,
                 float* out,
                 int samples) noexcept;

    double sampleRate() const noexcept { return memory->instrument.sample_rate; }

    // What a parameter was last set to, by the host or by a MIDI controller.
    float target (int parameter) const noexcept { return memory->instrument.target[parameter]; }

    // How many voices are not idle, and operator k's (from 0) loudest present gain.
    int sounding() const noexcept;
    float operatorGain (int index) const noexcept;

    // The neural voice that was struck last, if any sounds, and what it sounds with.
    const hexachord_voice* newestNeural() const noexcept;
    const hexachord_player& playerOf (const hexachord_voice& voice) const noexcept
    {
        return memory->players[voice.player];
    }

    // The slots from which notes sound or are to sound, as bits.
    unsigned slotsInUse() const noexcept;

private:
    struct alignas (64) Memory
    {
        hexachord_instrument instrument;
        hexachord_voice voices[HEXACHORD_VOICES];
        alignas (64) hexachord_player players[HEXACHORD_PLAYERS];
        hexachord_segment segments[HEXACHORD_VOICES * HEXACHORD_SEGMENTS];
        hexachord_scratch scratch;
        alignas (64) hexachord_live live;
        hexachord_transport transport;
    };

    std::unique_ptr<Memory> memory;
};

}  // namespace hexachord
