// The plug-in's parameters, made from the one table. A parameter holds the value that people see;
// hosts see 0..1. Reading and writing is lock-free from any thread.
#pragma once

#include <hexachord_parameters.h>

#include <juce_audio_processors/juce_audio_processors.h>

#include <atomic>

namespace hexachord
{

class Parameter final : public juce::RangedAudioParameter
{
public:
    explicit Parameter (int index);

    int index() const noexcept { return number; }
    const ParameterInfo& info() const noexcept { return parameterTable[number]; }

    // The value as people see it, always finite and in range.
    float plain() const noexcept { return value.load (std::memory_order_relaxed); }

    // Sets the value without telling the host, as loading a sound does. NaN and infinity change
    // nothing; the rest is brought into range and onto the parameter's steps.
    void setPlain (float newValue) noexcept;

    // Sets the value as a gesture of the user does: the host hears of it and may record it.
    void setPlainNotifyingHost (float newValue);

    const juce::NormalisableRange<float>& getNormalisableRange() const override { return range; }
    float getValue() const override { return range.convertTo0to1 (plain()); }
    void setValue (float normalised) override;
    float getDefaultValue() const override { return range.convertTo0to1 (info().defaultValue); }
    float getValueForText (const juce::String& text) const override;
    juce::String getText (float normalised, int maximumLength) const override;
    int getNumSteps() const override;
    bool isDiscrete() const override { return info().step > 0.0f; }
    bool isBoolean() const override;
    juce::StringArray getAllValueStrings() const override;

private:
    int number;
    juce::NormalisableRange<float> range;
    std::atomic<float> value;
};

// All parameters in the groups of the table; `all` gets them in the order of their indices.
std::unique_ptr<juce::AudioProcessorParameterGroup> makeParameters (std::vector<Parameter*>& all);

}  // namespace hexachord
