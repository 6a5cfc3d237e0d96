// Small controls for a grid: a bar for numbers, a choice among words, a switch.
#pragma once

#include "Control.h"

namespace hexachord
{

inline constexpr int cellHeight = 36;

// Name on the left, value on the right, a thin bar below.
class Bar final : public Control
{
public:
    using Control::Control;
    void paint (juce::Graphics& g) override;

protected:
    juce::Rectangle<int> valueArea() const override;
};

// Name on the left, the word on the right; a click lists the words.
class Choice final : public Control
{
public:
    using Control::Control;
    void paint (juce::Graphics& g) override;
    void mouseUp (const juce::MouseEvent& event) override;

protected:
    juce::Rectangle<int> valueArea() const override;
    juce::AccessibilityRole role() const override { return juce::AccessibilityRole::comboBox; }
    void press() override;
};

// On or off by a click.
class Switch final : public Control
{
public:
    using Control::Control;
    void paint (juce::Graphics& g) override;
    void mouseUp (const juce::MouseEvent& event) override;

protected:
    juce::Rectangle<int> valueArea() const override;
    juce::AccessibilityRole role() const override { return juce::AccessibilityRole::toggleButton; }
    void press() override;
};

// The kind of cell that suits the parameter.
std::unique_ptr<Control> makeCell (Desk& desk, int parameter, const juce::String& shortName = {});

}  // namespace hexachord
