#include "ModelFiles.h"

#include "Rig.h"

#include <ctime>
#include <iostream>

namespace hexachord
{
namespace
{

juce::MemoryBlock stateOf (Processor& processor)
{
    juce::MemoryBlock state;
    processor.getStateInformation (state);
    return state;
}

double coreMs()
{
    timespec now {};
    clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e3 * static_cast<double> (now.tv_sec) + 1e-6 * static_cast<double> (now.tv_nsec);
}

float peakOf (const std::vector<float>& audio)
{
    auto peak = 0.0f;
    for (const auto sample : audio)
        peak = std::max (peak, std::abs (sample));
    return peak;
}

}  // namespace

void tryModelFiles (const juce::StringArray& paths)
{
    for (const auto& path : paths)
    {
        Rig rig;
        rig.processor.instrument.chooseInstrument ("violin");
        const auto before = stateOf (rig.processor);
        const auto begin = coreMs();
        const auto line = rig.processor.instrument.loadModel (
            juce::File::getCurrentWorkingDirectory().getChildFile (path));
        const auto took = coreMs() - begin;
        const auto sound = rig.processor.instrument.neuralSound();
        rig.note (60, 100);
        auto* found = new juce::DynamicObject();
        const juce::var result (found);
        found->setProperty ("file", path);
        found->setProperty ("line", line);
        found->setProperty ("plays", sound.has_value() ? sound->instrument : juce::String());
        found->setProperty ("unchanged", before == stateOf (rig.processor));
        found->setProperty ("ms", took);
        found->setProperty ("peak", peakOf (rig.record (4800)));
        std::cout << juce::JSON::toString (result, true) << std::endl;
    }
}

}  // namespace hexachord
