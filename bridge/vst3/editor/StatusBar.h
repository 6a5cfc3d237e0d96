// One line at the bottom: what was done, what went wrong, how many voices sound, the size.
#pragma once

#include "Desk.h"

namespace hexachord
{

class StatusBar final : public juce::Component, public Polled
{
public:
    explicit StatusBar (Desk& owner);
    void poll() override;
    void paint (juce::Graphics& g) override;
    void resized() override;

    void say (const juce::String& newLine, bool isFailure);
    const juce::String& line() const noexcept { return text; }
    void showScale (int percent);

    // The user wants the window at this share of its plain size.
    std::function<void (int percent)> scaleWanted = [] (int) {};

private:
    void showScales();

    juce::String text;
    bool failed = false;
    int sounding = 0;
    juce::TextButton scale { "100 %" };
};

}  // namespace hexachord
