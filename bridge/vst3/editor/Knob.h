// A large round control: an arc from the default to the value, the value inside, the name below.
#pragma once

#include "Control.h"

namespace hexachord
{

class Knob final : public Control
{
public:
    using Control::Control;
    void paint (juce::Graphics& g) override;

protected:
    juce::Rectangle<int> valueArea() const override;

private:
    juce::Rectangle<float> dial() const;
    float origin() const;
};

}  // namespace hexachord
