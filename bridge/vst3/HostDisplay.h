// Tells the host, from the message thread, that parameters have changed beside its back.
#pragma once

#include <juce_events/juce_events.h>

#include <functional>
#include <memory>

namespace hexachord
{

// Asks a few times a second whether anything is to be told. Without a host's event loop JUCE calls
// timers on a thread of its own, and a timer that is being called cannot be waited for: so what is
// called outlives this object, and is deleted on the thread that calls it.
class HostDisplay
{
public:
    explicit HostDisplay (std::function<void()> tellIfStale);

    // After this nothing is told any more.
    ~HostDisplay();

private:
    class Poll;
    Poll* poll;

    JUCE_DECLARE_NON_COPYABLE (HostDisplay)
};

}  // namespace hexachord
