// A large round control: an arc from the typical value to the present one, the value inside, the
// name below. While a neural note sounds, a mark tells where its player has the control.
#pragma once

#include "Control.h"

namespace hexachord
{

class Knob final : public Control
{
public:
    Knob (Desk& owner, int parameter);
    void poll() override;
    void paint (juce::Graphics& g) override;

protected:
    juce::Rectangle<int> valueArea() const override;

private:
    juce::Rectangle<float> dial() const;
    float typicalShare() const;
    float origin() const;
    float soundingValue() const;

    float shownTypical;

    // The control as the newest note has it; negative if none sounds.
    float shownSounding = -1.0f;
};

}  // namespace hexachord
