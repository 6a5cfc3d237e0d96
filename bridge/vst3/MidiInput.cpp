#include "MidiInput.h"

namespace hexachord
{
namespace
{

constexpr int statusMask = 0xF0, channelMask = 0x0F;
constexpr int noteOff = 0x80, noteOn = 0x90, keyPressure = 0xA0, controlChange = 0xB0;
constexpr int channelPressure = 0xD0, pitchBend = 0xE0;
constexpr int firstModeMessage = 120;

Event event (int type, int channel, int key, int index, float value, int sample) noexcept
{
    return { sample, type, channel, key, -1, index, value };
}

}  // namespace

LearnedControllers::LearnedControllers() noexcept
{
    clear();
}

int LearnedControllers::parameterOf (int controller) const noexcept
{
    return assigned[static_cast<std::size_t> (controller)].load (std::memory_order_relaxed);
}

int LearnedControllers::controllerOf (int parameter) const noexcept
{
    for (auto controller = 0; controller < 128; ++controller)
        if (parameterOf (controller) == parameter)
            return controller;
    return -1;
}

void LearnedControllers::assign (int controller, int parameter) noexcept
{
    assigned[static_cast<std::size_t> (controller)].store (parameter, std::memory_order_relaxed);
}

void LearnedControllers::clear() noexcept
{
    for (auto& parameter : assigned)
        parameter.store (noParameter);
    waiting.store (noParameter);
}

int LearnedControllers::heard (int controller) noexcept
{
    if (controller >= firstModeMessage)
        return noParameter;
    const auto wanted = waiting.exchange (noParameter);
    if (wanted != noParameter)
        assign (controller, wanted);
    return parameterOf (controller);
}

std::optional<Event> eventOf (const std::uint8_t* message,
                              int size,
                              int sample,
                              LearnedControllers& learned) noexcept
{
    if (size < 2)
        return {};
    const auto channel = message[0] & channelMask;
    const auto first = message[1] & 0x7F;
    const auto second = size > 2 ? message[2] & 0x7F : 0;
    const auto value = static_cast<float> (second);
    switch (message[0] & statusMask)
    {
        case noteOff:
            return event (HEXACHORD_NOTE_OFF, channel, first, 0, value, sample);
        case noteOn:
            return event (HEXACHORD_NOTE_ON, channel, first, 0, value, sample);
        case keyPressure:
            return event (HEXACHORD_KEY_PRESSURE, channel, first, 0, value, sample);
        case channelPressure:
            return event (
                HEXACHORD_PRESSURE, channel, 0, 0, static_cast<float> (first), sample);
        case pitchBend:
            return event (HEXACHORD_PITCH_BEND,
                          channel,
                          0,
                          0,
                          static_cast<float> (second << 7 | first),
                          sample);
        case controlChange:
        {
            const auto parameter = learned.heard (first);
            if (parameter == noParameter)
                return event (HEXACHORD_CONTROLLER, channel, 0, first, value, sample);
            const auto& info = parameterTable[parameter];
            const auto share = value / 127.0f;
            return parameterEvent (parameter, info.low + share * (info.high - info.low), sample);
        }
        default:
            return {};
    }
}

Event parameterEvent (int index, float value, int sample) noexcept
{
    return event (HEXACHORD_PARAMETER, 0, 0, index, value, sample);
}

Event soundEvent (int sample) noexcept
{
    return event (HEXACHORD_SOUND, 0, 0, 0, 0.0f, sample);
}

Event modelEvent (int slot, int instrument, int sample) noexcept
{
    return event (HEXACHORD_MODEL, 0, 0, slot, static_cast<float> (instrument), sample);
}

}  // namespace hexachord
