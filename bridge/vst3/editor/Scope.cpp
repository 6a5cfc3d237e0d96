#include "Scope.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr float fallPerTick = 0.05f, meterFallPerTick = 0.025f, unnoticed = 0.004f;
constexpr float meterLowDb = -60.0f, meterHighDb = 3.0f;
constexpr int holdTicks = 40, restTicks = 60;

float shareOfDb (float db, float low, float high)
{
    return juce::jlimit (0.0f, 1.0f, (db - low) / (high - low));
}

}  // namespace

Spectrum::Spectrum (Desk& owner) : Polled (owner)
{
    setTitle ("Spectrum");
    setTooltip ("Spectrum of the output, 30 Hz to 18 kHz");
}

void Spectrum::poll()
{
    if (! isShowing())
        return;
    // Every second tick is enough for the eye.
    if (++ticks % 2 != 0)
        return;
    if (desk.processor.meter.sounding() > 0)
        silentTicks = 0;
    else if (++silentTicks > restTicks)
        return;
    const auto& wanted =
        analysis.measure (desk.processor.meter, desk.processor.getSampleRate());
    auto hasChanged = false;
    for (std::size_t i = 0; i < heights.size(); ++i)
    {
        const auto next = juce::jmax (wanted[i], heights[i] - 2 * fallPerTick);
        hasChanged = hasChanged || std::abs (next - heights[i]) > unnoticed;
        heights[i] = next;
    }
    if (hasChanged)
        repaint();
}

void Spectrum::paint (juce::Graphics& g)
{
    const auto area = getLocalBounds().toFloat();
    g.setColour (colour::line);
    g.fillRect (area.withTop (area.getBottom() - 1.0f));
    const auto pitch = area.getWidth() / static_cast<float> (bands);
    g.setColour (colour::accent.withAlpha (0.85f));
    for (auto band = 0; band < bands; ++band)
    {
        const auto height = heights[static_cast<std::size_t> (band)] * area.getHeight();
        if (height > 0.5f)
            g.fillRect (area.getX() + pitch * static_cast<float> (band),
                        area.getBottom() - height,
                        pitch * 0.68f,
                        height);
    }
}

LevelMeter::LevelMeter (Desk& owner) : Polled (owner)
{
    setTitle ("Output level");
    setTooltip ("Peak level of the output; the line is 0 dB");
}

void LevelMeter::poll()
{
    const auto peak = desk.processor.meter.takePeak();
    const auto now = peak > 0.0f
        ? shareOfDb (juce::Decibels::gainToDecibels (peak, -120.0f), meterLowDb, meterHighDb)
        : 0.0f;
    hasClipped = peak > 1.0f || (hasClipped && heldTicks > 0);
    level = juce::jmax (now, level - meterFallPerTick);
    if (now >= held)
    {
        held = now;
        heldTicks = holdTicks;
    }
    else if (heldTicks > 0)
        --heldTicks;
    else
        held = juce::jmax (level, held - meterFallPerTick);
    const auto shows = level + 2.0f * held;
    if (std::abs (shows - shownLevel) > unnoticed)
    {
        shownLevel = shows;
        repaint();
    }
}

void LevelMeter::paint (juce::Graphics& g)
{
    const auto area = getLocalBounds().toFloat();
    g.setColour (colour::faint);
    g.fillRoundedRectangle (area, 3.0f);
    const auto top = area.getBottom() - level * area.getHeight();
    g.setColour (colour::accent);
    g.fillRoundedRectangle (area.withTop (top), 3.0f);
    if (held > 0.0f)
    {
        g.setColour (hasClipped ? colour::accent : colour::ink);
        g.fillRect (area.withY (area.getBottom() - held * area.getHeight()).withHeight (1.5f));
    }
    const auto full =
        area.getBottom() - shareOfDb (0.0f, meterLowDb, meterHighDb) * area.getHeight();
    g.setColour (colour::quiet);
    g.fillRect (area.withY (full).withHeight (1.0f));
}

}  // namespace hexachord
