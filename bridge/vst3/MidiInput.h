// MIDI as the engine's events: channel messages one to one, learned controllers as parameters.
#pragma once

#include "Engine.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

namespace hexachord
{

inline constexpr int noParameter = -1;

// Which parameter each controller number sets beside what it means anyway; kept in the state.
class LearnedControllers
{
public:
    LearnedControllers() noexcept;

    int parameterOf (int controller) const noexcept;
    int controllerOf (int parameter) const noexcept;
    void assign (int controller, int parameter) noexcept;
    void clear() noexcept;

    // The next controller that moves is learned for this parameter.
    void listenFor (int parameter) noexcept { waiting.store (parameter); }
    int listeningFor() const noexcept { return waiting.load(); }

    // Called on the audio thread for every controller that moves; what it sets, if anything.
    int heard (int controller) noexcept;

private:
    std::array<std::atomic<int>, 128> assigned;
    std::atomic<int> waiting { noParameter };
};

// The event that a channel message stands for; none for what is no channel message of ours.
std::optional<Event> eventOf (const std::uint8_t* message,
                              int size,
                              int sample,
                              LearnedControllers& learned) noexcept;

Event parameterEvent (int index, float value, int sample = 0) noexcept;
Event soundEvent (int sample = 0) noexcept;
Event modelEvent (int slot, int instrument, int sample = 0) noexcept;

}  // namespace hexachord
