// A row of words of which one is chosen: the pages of the editor.
#pragma once

#include <juce_gui_basics/juce_gui_basics.h>

#include <functional>
#include <memory>
#include <vector>

namespace hexachord
{

class Tabs final : public juce::Component
{
public:
    explicit Tabs (const juce::StringArray& names);
    void choose (int index);
    int chosen() const noexcept { return present; }
    std::function<void (int index)> changed = [] (int) {};

    void paint (juce::Graphics& g) override;
    void resized() override;

private:
    std::vector<std::unique_ptr<juce::Button>> words;
    int present = 0;
};

}  // namespace hexachord
