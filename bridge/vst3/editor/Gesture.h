// From begin to end of what the host records as one movement of a parameter; one step of the
// history.
#pragma once

#include "Desk.h"

namespace hexachord
{

class Gesture
{
public:
    Gesture (Desk& desk, Parameter& moved);
    ~Gesture();
    void set (float plain);

private:
    Parameter& parameter;

    JUCE_DECLARE_NON_COPYABLE (Gesture)
};

}  // namespace hexachord
