#include "Parameters.h"

#include <cmath>

namespace hexachord
{
namespace
{

juce::AudioProcessorParameterWithIDAttributes attributesOf (const ParameterInfo& info)
{
    return juce::AudioProcessorParameterWithIDAttributes().withLabel (info.unit);
}

}  // namespace

Parameter::Parameter (int index)
    : RangedAudioParameter ({ parameterTable[index].id, 1 },
                            parameterTable[index].name,
                            attributesOf (parameterTable[index])),
      number (index),
      range (info().low, info().high, info().step),
      value (info().defaultValue)
{
}

void Parameter::setPlain (float newValue) noexcept
{
    if (! std::isfinite (newValue))
        return;
    newValue = juce::jlimit (info().low, info().high, newValue);
    if (info().step > 0.0f)
        newValue = info().low + std::floor ((newValue - info().low) / info().step + 0.5f) * info().step;
    value.store (newValue, std::memory_order_relaxed);
}

void Parameter::setPlainNotifyingHost (float newValue)
{
    setValueNotifyingHost (range.convertTo0to1 (juce::jlimit (info().low, info().high, newValue)));
}

void Parameter::setValue (float normalised)
{
    if (std::isfinite (normalised))
        setPlain (range.convertFrom0to1 (juce::jlimit (0.0f, 1.0f, normalised)));
}

float Parameter::getValueForText (const juce::String& text) const
{
    const auto wanted = text.trim();
    for (auto i = 0; i < info().labelCount; ++i)
        if (wanted.equalsIgnoreCase (info().labels[i]))
            return range.convertTo0to1 (info().low + static_cast<float> (i));
    if (! wanted.containsAnyOf ("0123456789"))
        return getValue();
    return range.convertTo0to1 (juce::jlimit (info().low, info().high, wanted.getFloatValue()));
}

juce::String Parameter::getText (float normalised, int maximumLength) const
{
    const auto shown = range.convertFrom0to1 (juce::jlimit (0.0f, 1.0f, normalised));
    juce::String text;
    if (info().labelCount > 0)
        text = info().labels[juce::jlimit (0, info().labelCount - 1, juce::roundToInt (shown - info().low))];
    else if (info().step >= 1.0f)
        text = juce::String (juce::roundToInt (shown));
    else
        text = juce::String (shown, 2);
    return maximumLength > 0 ? text.substring (0, maximumLength) : text;
}

int Parameter::getNumSteps() const
{
    if (info().step <= 0.0f)
        return juce::AudioProcessor::getDefaultNumParameterSteps();
    return juce::roundToInt ((info().high - info().low) / info().step) + 1;
}

bool Parameter::isBoolean() const
{
    return info().labelCount == 2 && juce::StringRef (info().labels[1]) == juce::StringRef ("on");
}

juce::StringArray Parameter::getAllValueStrings() const
{
    return { info().labels, info().labelCount };
}

std::unique_ptr<juce::AudioProcessorParameterGroup> makeParameters (std::vector<Parameter*>& all)
{
    auto root = std::make_unique<juce::AudioProcessorParameterGroup> ("hexachord", "Hexachord", "|");
    juce::AudioProcessorParameterGroup* group = nullptr;
    std::map<juce::String, juce::AudioProcessorParameterGroup*> groups;
    for (auto index = 0; index < parameterCount; ++index)
    {
        const juce::String name (parameterTable[index].group);
        group = groups[name];
        if (group == nullptr)
        {
            auto added = std::make_unique<juce::AudioProcessorParameterGroup> (
                name.toLowerCase().replaceCharacter (' ', '_'), name, "|");
            group = groups[name] = added.get();
            root->addChild (std::move (added));
        }
        auto parameter = std::make_unique<Parameter> (index);
        all.push_back (parameter.get());
        group->addChild (std::move (parameter));
    }
    return root;
}

}  // namespace hexachord
