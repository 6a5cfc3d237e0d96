// A plug-in with what a host gives it: buffers, MIDI, a transport; and a watch over its blocks.
#pragma once

#include "Processor.h"
#include "counting.h"

#include <cmath>
#include <functional>
#include <thread>
#include <vector>

namespace hexachord
{

class Rig : private juce::AudioPlayHead
{
public:
    static constexpr int longestBlock = 8192;

    explicit Rig (double sampleRate = 48000.0, int outputCount = 2);
    ~Rig() override { processor.setPlayHead (nullptr); }

    // Renders a block with the MIDI in `midi`, which is empty afterwards. `during` runs where a host
    // sets parameters: on the audio thread, right before the block, and watched like it.
    void render (int samples, const std::function<void()>& during = {});

    // Renders blocks of 64 samples, and keeps what sounded.
    std::vector<float> record (int samples, int block = 64);

    void note (int key, int velocity, int at = 0, int channel = 1);
    void controller (int number, int value, int at = 0, int channel = 1);
    void send (const std::uint8_t* bytes, std::size_t size, int at = 0);
    void send (const VoiceData& voice, int at = 0);

    // What the last block brought, first channel.
    float sample (int index) const { return buffer.getSample (0, index); }

    Processor processor;
    juce::MidiBuffer midi;
    double tempoBpm = 120.0, beat = 0.0;
    int outputs;

    // Over all blocks.
    float peak = 0.0f;
    long nonFinite = 0, unlikeChannels = 0;
    hexachord_counts counts { 0, 0, 0, -1 };

private:
    juce::Optional<PositionInfo> getPosition() const override;

    juce::AudioBuffer<float> buffer;
};

// Runs something on a thread of its own that may be watched.
void onAudioThread (const std::function<void()>& what);

// A plain sine that stops at once when its key comes up: for claims about notes.
VoiceData plainVoice();

// All voices of the banks that the plug-in carries.
std::vector<VoiceData> bundledVoices();

}  // namespace hexachord
