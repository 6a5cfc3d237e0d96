#include "Names.h"

#include "../Models.h"

#include <juce_audio_basics/juce_audio_basics.h>

namespace hexachord
{

juce::String instrumentTitle (const juce::String& name)
{
    if (name.startsWith ("ddx7-"))
        return "DDX7 " + name.fromFirstOccurrenceOf ("-", false, false).replaceCharacters ("_-", "  ");
    const auto words = name.replaceCharacter ('_', ' ');
    return words.substring (0, 1).toUpperCase() + words.substring (1);
}

juce::String modelTitle (const juce::String& path)
{
    return path.isEmpty() ? juce::String ("bundled") : fileNameOf (path);
}

juce::String keyTitle (int key)
{
    return juce::MidiMessage::getMidiNoteName (key, true, true, octaveOfMiddleC);
}

}  // namespace hexachord
