#include "HostDisplay.h"

#include <mutex>

namespace hexachord
{
namespace
{

constexpr int pollsPerSecond = 10;

}  // namespace

class HostDisplay::Poll final : private juce::Timer
{
public:
    explicit Poll (std::function<void()> tellIfStale) : tell (std::move (tellIfStale))
    {
        startTimerHz (pollsPerSecond);
    }

    ~Poll() override { stopTimer(); }

    void forget()
    {
        stopTimer();
        const std::lock_guard<std::mutex> hold (mutex);
        tell = nullptr;
    }

private:
    void timerCallback() override
    {
        const std::lock_guard<std::mutex> hold (mutex);
        if (tell != nullptr)
            tell();
    }

    std::mutex mutex;
    std::function<void()> tell;
};

HostDisplay::HostDisplay (std::function<void()> tellIfStale)
    : poll (new Poll (std::move (tellIfStale)))
{
}

HostDisplay::~HostDisplay()
{
    poll->forget();
    // Timers are called on the message thread: here it is not calling one, elsewhere it may be.
    // Where messages are no longer delivered, nothing calls timers either.
    if (juce::MessageManager::existsAndIsCurrentThread()
        || ! juce::MessageManager::callAsync ([left = poll] { delete left; }))
        delete poll;
}

}  // namespace hexachord
