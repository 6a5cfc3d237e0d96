// Hexachord as an audio processor: MIDI and parameters in, the engine's blocks out.
#pragma once

#include "Block.h"
#include "Engine.h"
#include "HostDisplay.h"
#include "Instrument.h"
#include "Meter.h"
#include "State.h"

#include <juce_audio_processors/juce_audio_processors.h>

#include <vector>

namespace hexachord
{

class Processor final : public juce::AudioProcessor
{
public:
    Processor();

    void prepareToPlay (double sampleRate, int maximumBlock) override;
    void releaseResources() override {}
    void reset() override;
    using juce::AudioProcessor::processBlock;
    using juce::AudioProcessor::processBlockBypassed;
    void processBlock (juce::AudioBuffer<float>& buffer, juce::MidiBuffer& midi) override;
    void processBlockBypassed (juce::AudioBuffer<float>& buffer, juce::MidiBuffer& midi) override;
    bool isBusesLayoutSupported (const BusesLayout& layout) const override;

    const juce::String getName() const override { return "Hexachord"; }
    bool acceptsMidi() const override { return true; }
    bool producesMidi() const override { return false; }
    bool supportsMPE() const override { return true; }
    double getTailLengthSeconds() const override;
    juce::AudioProcessorParameter* getBypassParameter() const override { return bypass; }

    int getNumPrograms() override { return voicesPerBank; }
    int getCurrentProgram() override { return instrument.program(); }
    void setCurrentProgram (int program) override { instrument.chooseProgram (program); }
    const juce::String getProgramName (int program) override;
    void changeProgramName (int program, const juce::String& name) override;

    void getStateInformation (juce::MemoryBlock& out) override;
    void setStateInformation (const void* data, int size) override;

    bool hasEditor() const override { return true; }
    juce::AudioProcessorEditor* createEditor() override;

    // For the editor. A note from its keyboard, played with the next block.
    void playKey (int key, int velocity) noexcept;
    void hostShouldReadParameters();

    Parameter& parameter (int index) const { return *parameters[static_cast<std::size_t> (index)]; }
    const std::vector<Parameter*>& allParameters() const { return parameters; }

private:
    Transport transportNow() const;
    void addEditorKeys (Block& block) noexcept;
    void addMidi (Block& block, const juce::MidiBuffer& midi) noexcept;

    // In silence what sounds fades out and no note starts; all else is followed.
    void play (juce::AudioBuffer<float>& buffer, const juce::MidiBuffer& midi, bool inSilence) noexcept;

    std::vector<Parameter*> parameters;
    juce::AudioParameterBool* bypass = nullptr;

public:
    Instrument instrument;
    Meter meter;
    EditorSize editorSize;

private:
    Engine engine;
    std::vector<Event> events;
    juce::AbstractFifo keyQueue { 256 };
    std::array<std::pair<int, int>, 256> keys {};

    // Keys let go while the queue was full, and whether there are any.
    std::array<std::atomic<bool>, 128> keyLeft {};
    std::atomic<bool> keysLeft { false };

    std::array<float, 8192> unheard {};
    bool silenced = false;

    // Last, so that it is gone before anything that it looks at.
    HostDisplay display;
};

}  // namespace hexachord
