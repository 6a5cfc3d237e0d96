#include "PartialView.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr float fallPerLook = 0.09f, unnoticed = 0.004f, smallest = 0.004f;
constexpr int restTicks = 60;
constexpr float labelHeight = 16.0f, highestHz = 18000.0f;

struct Mark
{
    float hz;
    const char* text;
};

constexpr Mark marks[] = { { 100.0f, "100 Hz" }, { 1000.0f, "1 kHz" }, { 10000.0f, "10 kHz" } };
constexpr float lines[] = { 0.001f, 0.0316f };

// Lets a height fall slowly and rise at once; whether the eye would see it.
bool follow (float& height, float wanted)
{
    const auto next = juce::jmax (wanted, height - fallPerLook);
    const auto isSeen = std::abs (next - height) > unnoticed || (next == 0.0f && height > 0.0f);
    height = juce::jmax (0.0f, next);
    return isSeen;
}

}  // namespace

PartialView::PartialView (Desk& owner) : Polled (owner)
{
    setTitle ("Live spectrum");
    setTooltip ("Orange: the harmonics of the newest note, as the network plays them.\n"
                "Grey: the spectrum of all that comes out, -90 to 0 dB.");
    setAccessible (true);
}

void PartialView::poll()
{
    // Every second tick is enough for the eye.
    if (! isShowing() || ++ticks % 2 != 0)
        return;
    if (desk.processor.meter.sounding() > 0)
        silentTicks = 0;
    else if (++silentTicks > restTicks)
        return;
    const auto outputMoved = followOutput();
    const auto partialsMoved = followPartials();
    if (outputMoved || partialsMoved)
        repaint();
}

bool PartialView::followOutput()
{
    const auto& wanted = analysis.measure (desk.processor.meter, desk.processor.getSampleRate());
    auto hasMoved = false;
    for (std::size_t i = 0; i < output.size(); ++i)
        hasMoved = follow (output[i], wanted[i]) || hasMoved;
    return hasMoved;
}

bool PartialView::followPartials()
{
    const auto& view = desk.view();
    const auto isSounding = desk.isNeuralSounding();
    auto hasMoved = false;
    if (isSounding && view.f0Hz > 0.0f && std::abs (view.f0Hz / f0Hz - 1.0f) > 5.0e-4f)
    {
        f0Hz = view.f0Hz;
        hasMoved = true;
    }
    for (auto i = 0; i < NeuralView::mostPartials; ++i)
    {
        const auto at = static_cast<std::size_t> (i);
        const auto gain = isSounding && i < view.partials ? view.levels[at] : 0.0f;
        hasMoved = follow (partials[at], heightOfGain (gain)) || hasMoved;
    }
    return hasMoved;
}

juce::Rectangle<float> PartialView::plot() const
{
    return getLocalBounds().toFloat().reduced (10.0f, 8.0f).withTrimmedBottom (labelHeight);
}

void PartialView::paintGrid (juce::Graphics& g, juce::Rectangle<float> area) const
{
    g.setFont (plainFont (smallType));
    for (const auto& mark : marks)
    {
        const auto x = area.getX() + placeOfHz (mark.hz) * area.getWidth();
        g.setColour (colour::line);
        g.fillRect (x, area.getY(), 1.0f, area.getHeight());
        g.setColour (colour::quiet);
        g.drawText (mark.text,
                    juce::Rectangle<float> (x - 40.0f, area.getBottom() + 3.0f, 80.0f, labelHeight),
                    juce::Justification::centred,
                    false);
    }
    g.setColour (colour::line.withAlpha (0.6f));
    for (const auto gain : lines)
        g.fillRect (area.getX(),
                    area.getBottom() - heightOfGain (gain) * area.getHeight(),
                    area.getWidth(),
                    1.0f);
}

void PartialView::paintOutput (juce::Graphics& g, juce::Rectangle<float> area) const
{
    juce::Path shape;
    shape.startNewSubPath (area.getBottomLeft());
    const auto pitch = area.getWidth() / static_cast<float> (bands);
    for (std::size_t i = 0; i < output.size(); ++i)
        shape.lineTo (area.getX() + pitch * (static_cast<float> (i) + 0.5f),
                      area.getBottom() - output[i] * area.getHeight());
    shape.lineTo (area.getBottomRight());
    shape.closeSubPath();
    g.setColour (colour::ink.withAlpha (0.13f));
    g.fillPath (shape);
}

void PartialView::paintPartials (juce::Graphics& g, juce::Rectangle<float> area) const
{
    g.setColour (colour::accent);
    for (std::size_t i = 0; i < partials.size(); ++i)
    {
        const auto hz = f0Hz * static_cast<float> (i + 1);
        if (partials[i] < smallest || hz > highestHz)
            continue;
        const auto x = area.getX() + placeOfHz (hz) * area.getWidth();
        const auto height = partials[i] * area.getHeight();
        const auto width = i == 0 ? 3.0f : 1.6f, dot = i == 0 ? 8.0f : 4.0f;
        g.fillRect (x - width / 2, area.getBottom() - height, width, height);
        g.fillEllipse (
            juce::Rectangle<float> (dot, dot).withCentre ({ x, area.getBottom() - height }));
    }
}

void PartialView::paint (juce::Graphics& g)
{
    g.setColour (colour::paper);
    g.fillRoundedRectangle (getLocalBounds().toFloat(), 6.0f);
    const auto area = plot();
    paintGrid (g, area);
    paintOutput (g, area);
    paintPartials (g, area);
    g.setColour (colour::line);
    g.fillRect (area.withY (area.getBottom()).withHeight (1.0f));
}

}  // namespace hexachord
