// The plug-in's window.
#pragma once

#include "Processor.h"

namespace hexachord
{

class Editor final : public juce::GenericAudioProcessorEditor
{
public:
    explicit Editor (Processor& processor) : GenericAudioProcessorEditor (processor) {}
};

}  // namespace hexachord
