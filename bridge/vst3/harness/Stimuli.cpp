#include "Stimuli.h"

#include <array>
#include <limits>

namespace hexachord
{
namespace
{

void randomNote (Rig& rig, juce::Random& random, int samples, int channel = 1)
{
    rig.note (24 + random.nextInt (72),
              random.nextInt (3) == 0 ? 0 : 1 + random.nextInt (127),
              random.nextInt (std::max (1, samples)),
              channel);
}

}  // namespace

int dense (Rig& rig, juce::Random&, int block)
{
    if (block % 4 == 0)
        rig.note (30 + block / 4 % 64, 100);
    return usualBlock;
}

int controllers (Rig& rig, juce::Random& random, int block)
{
    dense (rig, random, block);
    for (auto number = 0; number < 128; ++number)
        rig.controller (number, random.nextInt (128), random.nextInt (usualBlock), 1 + random.nextInt (16));
    for (const auto kind : { 0xA0, 0xD0, 0xE0 })
    {
        const std::uint8_t bytes[] = { static_cast<std::uint8_t> (kind + random.nextInt (16)),
                                       static_cast<std::uint8_t> (random.nextInt (128)),
                                       static_cast<std::uint8_t> (random.nextInt (128)) };
        rig.send (bytes, kind == 0xD0 ? 2 : 3, random.nextInt (usualBlock));
    }
    return usualBlock;
}

void everyParameter (Rig& rig, juce::Random& random)
{
    for (auto* parameter : rig.processor.allParameters())
        parameter->setValue (random.nextFloat());
}

void senselessParameters (Rig& rig, juce::Random& random)
{
    constexpr float values[] = { std::numeric_limits<float>::quiet_NaN(),
                                 std::numeric_limits<float>::infinity(),
                                 -std::numeric_limits<float>::infinity(),
                                 std::numeric_limits<float>::max(),
                                 std::numeric_limits<float>::denorm_min(),
                                 -1.0f,
                                 2.0f,
                                 0.5f };
    constexpr double tempi[] = { 0.0, -1.0, 1e-300, 1e300, std::numeric_limits<double>::quiet_NaN() };
    for (auto* parameter : rig.processor.allParameters())
        parameter->setValue (values[random.nextInt (std::size (values))]);
    rig.processor.getBypassParameter()->setValue (values[random.nextInt (5)]);
    rig.tempoBpm = tempi[random.nextInt (std::size (tempi))];
    rig.beat = values[random.nextInt (std::size (values))];
}

int noteStorm (Rig& rig, juce::Random& random, int)
{
    constexpr double notesPerSecond = 1000.0;
    const auto wanted = notesPerSecond * usualBlock / usualRate;
    for (auto notes = 0.0; notes + random.nextDouble() < wanted; notes += 1.0)
    {
        const auto key = random.nextInt (128);
        rig.note (key, 1 + random.nextInt (127), random.nextInt (usualBlock));
        if (random.nextBool())
            rig.note (key, 0, usualBlock - 1);
    }
    return usualBlock;
}

int eventFlood (Rig& rig, juce::Random& random, int)
{
    for (auto i = 0; i < 5000; ++i)
        randomNote (rig, random, 512, 1 + random.nextInt (16));
    return 512;
}

int sysexFlood (Rig& rig, juce::Random& random, int block)
{
    dense (rig, random, block);
    static const auto voices = bundledVoices();
    static const auto bank = []
    {
        Bank first;
        std::copy_n (voices.begin(), voicesPerBank, first.voices.begin());
        return bankDump (first);
    }();
    static const std::vector<std::uint8_t> huge (100000, 0x41);
    for (auto i = 0; i < 8; ++i)
    {
        const auto at = random.nextInt (usualBlock);
        auto damaged = bank;
        damaged[static_cast<std::size_t> (6 + random.nextInt (4096))] = 0x55;
        damaged.back() = 0x41;
        rig.send (voices[static_cast<std::size_t> (random.nextInt (static_cast<int> (voices.size())))], at);
        rig.send (bank.data(), bank.size(), at);
        rig.send (damaged.data(), damaged.size(), at);
        const std::uint8_t reset[] = { 0xF0, 0x7E, 0x7F, 0x09, 0x01, 0xF7 };
        rig.send (reset, sizeof reset, at);
    }
    auto endless = huge;
    endless.front() = 0xF0;
    endless.back() = 0xF7;
    rig.send (endless.data(), endless.size(), usualBlock - 1);
    return usualBlock;
}

int programChanges (Rig& rig, juce::Random& random, int block)
{
    dense (rig, random, block);
    for (auto i = 0; i < 16; ++i)
    {
        const std::uint8_t bytes[] = { 0xC0, static_cast<std::uint8_t> (random.nextInt (128)) };
        const auto at = random.nextInt (usualBlock);
        rig.send (bytes, 2, at);
        rig.note (40 + random.nextInt (40), 90, at);
    }
    return usualBlock;
}

int mpe (Rig& rig, juce::Random& random, int)
{
    const auto channel = 2 + random.nextInt (15);
    randomNote (rig, random, usualBlock, channel);
    rig.controller (74, random.nextInt (128), random.nextInt (usualBlock), channel);
    const std::uint8_t bend[] = { static_cast<std::uint8_t> (0xE0 + channel - 1),
                                  static_cast<std::uint8_t> (random.nextInt (128)),
                                  static_cast<std::uint8_t> (random.nextInt (128)) };
    const std::uint8_t press[] = { static_cast<std::uint8_t> (0xD0 + channel - 1),
                                   static_cast<std::uint8_t> (random.nextInt (128)) };
    rig.send (bend, 3, random.nextInt (usualBlock));
    rig.send (press, 2, random.nextInt (usualBlock));
    return usualBlock;
}

int anyBytes (Rig& rig, juce::Random& random, int)
{
    for (auto i = 0; i < 64; ++i)
    {
        std::array<std::uint8_t, 8> bytes {};
        for (auto& byte : bytes)
            byte = static_cast<std::uint8_t> (random.nextInt (256));
        bytes[0] |= 0x80;
        rig.send (bytes.data(), static_cast<std::size_t> (1 + random.nextInt (8)), random.nextInt (2 * usualBlock));
    }
    return usualBlock;
}

int anySize (Rig& rig, juce::Random& random, int)
{
    constexpr int sizes[] = { 0, 1, 2, 3, 31, 64, 441, 512, 1000, 4096, 8191, 8192 };
    const auto samples = sizes[random.nextInt (std::size (sizes))];
    for (auto i = 0; i < 4; ++i)
        randomNote (rig, random, samples);
    return samples;
}

int denormals (Rig& rig, juce::Random&, int block)
{
    if (block % 400 == 0)
        rig.note (48 + block / 400 % 24, 1);
    if (block % 400 == 4)
        rig.note (48 + block / 400 % 24, 0);
    rig.controller (11, block % 3);
    return usualBlock;
}

void toggleBypass (Rig& rig, juce::Random& random)
{
    rig.processor.getBypassParameter()->setValue (random.nextInt (8) == 0 ? 1.0f : 0.0f);
}

void learnAll (Rig& rig)
{
    for (auto controller = 0; controller < 128; ++controller)
        rig.processor.instrument.learned.assign (controller, controller % parameterCount);
    rig.processor.instrument.learned.listenFor (0);
}

void setParameter (Rig& rig, const char* id, float plain)
{
    for (auto* parameter : rig.processor.allParameters())
        if (juce::StringRef (parameter->info().id) == juce::StringRef (id))
            parameter->setPlain (plain);
}

void playPolyphonic (Rig& rig)
{
    setParameter (rig, "voice_mode", 0.0f);
}

}  // namespace hexachord
