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
    // If a page is not offered, the first one that is comes instead.
    void choose (int index);

    // Which pages there are now, from left to right. The chosen one stays if it is among them.
    void offer (std::vector<int> pages);
    int chosen() const noexcept { return present; }
    std::function<void (int index)> changed = [] (int) {};

    void paint (juce::Graphics& g) override;
    void resized() override;

private:
    std::vector<std::unique_ptr<juce::Button>> words;
    std::vector<int> offered;
    int present = 0;
};

}  // namespace hexachord
