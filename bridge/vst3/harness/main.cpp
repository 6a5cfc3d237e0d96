// hexachord_harness: the plug-in without a host. Prints one JSON object per line; exit status 1 if a
// claim does not hold. --quick: claims and short scenarios, no times. --long: scenarios ten times as
// long. --claims: no times either way. --models FILE...: loads these files instead, see ModelFiles.h.

#include "Claims.h"
#include "ModelFiles.h"
#include "Scenarios.h"
#include "Timings.h"

#include <juce_gui_basics/juce_gui_basics.h>

int main (int argc, char** argv)
{
    const juce::StringArray arguments (argv + 1, argc - 1);
    const auto quick = arguments.contains ("--quick");
    const auto seconds = quick ? 0.25 : arguments.contains ("--long") ? 20.0 : 2.0;
    const juce::ScopedJuceInitialiser_GUI messageThread;
    if (arguments[0] == "--models")
    {
        hexachord::tryModelFiles ({ argv + 2, argc - 2 });
        return 0;
    }
    hexachord::Report report;
    if (! quick && ! arguments.contains ("--claims"))
    {
        measureStart (report);
        measureState (report);
        measureMemory (report);
        measureBlocks (20.0, report);
        measureNeural (20.0, report);
    }
    checkCounting (report);
    checkNotes (report);
    checkBlocks (report);
    checkSounds (report);
    checkStates (report);
    checkNeural (report);
    checkNeuralStates (report);
    checkDdx7 (report);
    runScenarios (seconds, report);
    runBesideMessageThread (seconds, report);
    return report.allHold() ? 0 : 1;
}
