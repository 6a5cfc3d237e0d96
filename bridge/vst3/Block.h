// A block on its way through the engine: events in, audio out, in pieces where it must be.
#pragma once

#include "Engine.h"

#include <vector>

namespace hexachord
{

struct Transport
{
    double tempoBpm = 120.0, beat = 0.0;
};

class Block
{
public:
    // `room` holds the events of a piece: its capacity, never its growth. Writes mono to `out`.
    Block (Engine& engine,
           const Patch& patch,
           const ModelSlots& models,
           std::vector<Event>& room,
           Transport transport,
           float* out,
           int samples) noexcept;

    // Takes the next event, none earlier than those before it. When the room is full, what comes
    // before this event is rendered: a flood costs time, it loses nothing.
    void add (const Event& event) noexcept;

    // Renders up to a sample with the events so far, so that the patch may change there.
    void renderUntil (int sample) noexcept;

    void finish() noexcept { renderUntil (samples); }

private:
    Engine& engine;
    const Patch& patch;
    const ModelSlots& models;
    std::vector<Event>& events;
    Transport transport;
    float* out;
    int samples;
    int rendered = 0;
};

}  // namespace hexachord
