#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr float cardCorner = 8.0f, buttonCorner = 5.0f;

juce::String familyName()
{
#if JUCE_MAC || JUCE_IOS
    return "Helvetica Neue";
#elif JUCE_WINDOWS
    return "Segoe UI";
#else
    return juce::Font::getDefaultSansSerifFontName();
#endif
}

juce::TextLayout tooltipLayout (const juce::String& text)
{
    juce::AttributedString styled;
    styled.setJustification (juce::Justification::centredLeft);
    styled.append (text, plainFont (smallType), colour::card);
    juce::TextLayout layout;
    layout.createLayout (styled, 320.0f);
    return layout;
}

}  // namespace

juce::Font plainFont (float height)
{
    return juce::Font (height);
}

juce::Font boldFont (float height)
{
    return juce::Font (height, juce::Font::bold);
}

void drawCard (juce::Graphics& g, juce::Rectangle<int> area)
{
    const auto bounds = area.toFloat();
    g.setColour (colour::ink.withAlpha (0.07f));
    g.fillRoundedRectangle (bounds.expanded (0.5f).translated (0.0f, 0.7f), cardCorner);
    g.setColour (colour::card);
    g.fillRoundedRectangle (bounds, cardCorner);
}

void drawFocusRing (juce::Graphics& g, juce::Rectangle<float> area)
{
    g.setColour (colour::accent.withAlpha (0.75f));
    g.drawRoundedRectangle (area.reduced (1.0f), buttonCorner, 1.6f);
}

Theme::Theme()
{
    setColour (juce::ResizableWindow::backgroundColourId, colour::paper);
    setColour (juce::TextButton::buttonColourId, colour::card);
    setColour (juce::TextButton::textColourOffId, colour::ink);
    setColour (juce::TextButton::textColourOnId, colour::accent);
    setColour (juce::Label::textColourId, colour::ink);
    setColour (juce::TextEditor::textColourId, colour::ink);
    setColour (juce::TextEditor::backgroundColourId, colour::card);
    setColour (juce::TextEditor::highlightColourId, colour::accent.withAlpha (0.22f));
    setColour (juce::TextEditor::highlightedTextColourId, colour::ink);
    setColour (juce::CaretComponent::caretColourId, colour::accent);
    setColour (juce::PopupMenu::backgroundColourId, colour::card);
    setColour (juce::PopupMenu::textColourId, colour::ink);
    setColour (juce::PopupMenu::headerTextColourId, colour::quiet);
    setColour (juce::PopupMenu::highlightedBackgroundColourId, colour::tint);
    setColour (juce::PopupMenu::highlightedTextColourId, colour::accent);
    setColour (juce::ListBox::backgroundColourId, juce::Colours::transparentBlack);
    setColour (juce::ListBox::outlineColourId, juce::Colours::transparentBlack);
    setColour (juce::ScrollBar::thumbColourId, colour::line);
}

juce::Typeface::Ptr Theme::getTypefaceForFont (const juce::Font& font)
{
    if (font.getTypefaceName() != juce::Font::getDefaultSansSerifFontName())
        return LookAndFeel_V4::getTypefaceForFont (font);
    auto ours = font;
    ours.setTypefaceName (familyName());
    return LookAndFeel_V4::getTypefaceForFont (ours);
}

void Theme::drawButtonBackground (
    juce::Graphics& g, juce::Button& button, const juce::Colour&, bool isOver, bool isDown)
{
    const auto area = button.getLocalBounds().toFloat().reduced (0.5f);
    const auto fill = button.getToggleState() ? colour::tint
        : isDown                              ? colour::line
        : isOver                              ? colour::faint
                                              : colour::card;
    g.setColour (fill);
    g.fillRoundedRectangle (area, buttonCorner);
    g.setColour (button.getToggleState() ? colour::accent : colour::line);
    g.drawRoundedRectangle (area, buttonCorner, 1.0f);
    if (button.hasKeyboardFocus (false) && button.getWantsKeyboardFocus())
        drawFocusRing (g, area);
}

void Theme::drawPopupMenuBackground (juce::Graphics& g, int width, int height)
{
    g.fillAll (colour::card);
    g.setColour (colour::line);
    g.drawRect (0, 0, width, height);
}

void Theme::fillTextEditorBackground (juce::Graphics& g, int width, int height, juce::TextEditor&)
{
    g.setColour (colour::card);
    g.fillRoundedRectangle (
        0.0f, 0.0f, static_cast<float> (width), static_cast<float> (height), buttonCorner);
}

void Theme::drawTextEditorOutline (juce::Graphics& g,
                                   int width,
                                   int height,
                                   juce::TextEditor& editor)
{
    g.setColour (editor.hasKeyboardFocus (true) ? colour::accent : colour::line);
    g.drawRoundedRectangle (
        juce::Rectangle<int> (width, height).toFloat().reduced (0.5f), buttonCorner, 1.0f);
}

void Theme::drawScrollbar (juce::Graphics& g,
                           juce::ScrollBar&,
                           int x,
                           int y,
                           int width,
                           int height,
                           bool isVertical,
                           int thumbStart,
                           int thumbSize,
                           bool isOver,
                           bool isDown)
{
    const auto thumb = (isVertical ? juce::Rectangle<int> (x, thumbStart, width, thumbSize)
                                   : juce::Rectangle<int> (thumbStart, y, thumbSize, height))
                           .toFloat()
                           .reduced (2.0f);
    g.setColour (isOver || isDown ? colour::quiet : colour::line);
    g.fillRoundedRectangle (thumb, 2.0f);
}

void Theme::drawCornerResizer (
    juce::Graphics& g, int width, int height, bool isOver, bool isDragging)
{
    const auto right = static_cast<float> (width) - 3.0f,
               bottom = static_cast<float> (height) - 3.0f;
    g.setColour (isOver || isDragging ? colour::accent : colour::quiet.withAlpha (0.6f));
    for (const auto length : { 4.0f, 9.0f })
        g.drawLine (right - length, bottom, right, bottom - length, 1.3f);
}

juce::Rectangle<int> Theme::getTooltipBounds (const juce::String& text,
                                              juce::Point<int> position,
                                              juce::Rectangle<int> parent)
{
    const auto layout = tooltipLayout (text);
    return juce::Rectangle<int> (position.x + 12,
                                 position.y + 16,
                                 static_cast<int> (layout.getWidth()) + 18,
                                 static_cast<int> (layout.getHeight()) + 12)
        .constrainedWithin (parent);
}

void Theme::drawTooltip (juce::Graphics& g, const juce::String& text, int width, int height)
{
    const auto area = juce::Rectangle<int> (width, height).toFloat();
    g.setColour (colour::ink);
    g.fillRect (area);
    tooltipLayout (text).draw (g, area.reduced (9.0f, 5.0f));
}

}  // namespace hexachord
