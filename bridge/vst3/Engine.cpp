#include "Engine.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace hexachord
{
namespace
{

constexpr double usualRate = 44100.0, lowestRate = 8000.0, highestRate = 768000.0;

}  // namespace

Engine::Engine() : memory (std::make_unique<Memory>())
{
    reset (usualRate, Patch {});
}

void Engine::reset (double sampleRate, const Patch& patch)
{
    std::memset (memory.get(), 0, sizeof (Memory));
    const auto rate = std::isfinite (sampleRate) && sampleRate > 0.0
                        ? std::clamp (sampleRate, lowestRate, highestRate)
                        : usualRate;
    hexachord_start (&memory->instrument, &memory->live, patch.data(), 1, rate);
}

void Engine::render (const Event* events,
                     int eventCount,
                     const Patch& patch,
                     const ModelSlots& models,
                     double tempoBpm,
                     double beat,
                     float* out,
                     int samples) noexcept
{
    memory->transport.tempo_bpm = tempoBpm;
    memory->transport.beat = beat;
    hexachord_render_block (&memory->instrument,
                            memory->voices,
                            memory->players,
                            memory->segments,
                            &memory->scratch,
                            &memory->live,
                            patch.data(),
                            1,
                            models.models(),
                            models.weights(),
                            events,
                            eventCount,
                            &memory->transport,
                            out,
                            samples);
}

int Engine::sounding() const noexcept
{
    return static_cast<int> (std::count_if (std::begin (memory->voices),
                                            std::end (memory->voices),
                                            [] (const auto& voice) { return voice.status != 0; }));
}

float Engine::operatorGain (int index) const noexcept
{
    auto loudest = 0.0f;
    for (const auto& voice : memory->voices)
        if (voice.status != 0)
            loudest = std::max (loudest, voice.raw_gain[index]);
    return loudest;
}

const hexachord_voice* Engine::newestNeural() const noexcept
{
    const hexachord_voice* newest = nullptr;
    for (const auto& voice : memory->voices)
        if (voice.status != 0 && voice.kind == HEXACHORD_NEURAL && voice.player >= 0
            && (newest == nullptr || voice.number > newest->number))
            newest = &voice;
    return newest;
}

unsigned Engine::slotsInUse() const noexcept
{
    auto slots = 0u;
    for (auto slot = 0; slot < HEXACHORD_MODEL_SLOTS; ++slot)
        if (hexachord_slot_in_use (&memory->instrument, memory->voices, slot) != 0)
            slots |= 1u << slot;
    return slots;
}

}  // namespace hexachord
