// What the plug-in makes of files that are said to be models, one after the other.
#pragma once

#include <juce_core/juce_core.h>

namespace hexachord
{

// Loads each into a plug-in that plays, and prints a JSON object per file: the line that the user
// sees (empty if none), what plays then, whether the state is still that of before, and how many
// milliseconds of a core loading took.
void tryModelFiles (const juce::StringArray& paths);

}  // namespace hexachord
