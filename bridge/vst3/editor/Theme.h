// How the editor looks: colours, type, and how JUCE's own widgets are drawn with them.
#pragma once

#include <juce_audio_utils/juce_audio_utils.h>

namespace hexachord
{

namespace colour
{
inline const juce::Colour paper { 0xfff3f4f6 };
inline const juce::Colour card { 0xffffffff };
inline const juce::Colour ink { 0xff1f2430 };
inline const juce::Colour quiet { 0xff667080 };
inline const juce::Colour line { 0xffd3d8e0 };
inline const juce::Colour faint { 0xffe7eaef };
inline const juce::Colour accent { 0xffd9480f };
inline const juce::Colour tint { 0xfffdeee4 };
}  // namespace colour

// Heights of type at 100 %, in points.
inline constexpr float smallType = 12.0f, bodyType = 13.5f, titleType = 15.0f, largeType = 20.0f;

// Of a control that does nothing on the present sound.
inline constexpr float unusedAlpha = 0.4f;

juce::Font plainFont (float height);
juce::Font boldFont (float height);

// A white panel with round corners.
void drawCard (juce::Graphics& g, juce::Rectangle<int> area);

// The ring around what has the keyboard's focus.
void drawFocusRing (juce::Graphics& g, juce::Rectangle<float> area);

class Theme final : public juce::LookAndFeel_V4
{
public:
    Theme();

    juce::Typeface::Ptr getTypefaceForFont (const juce::Font& font) override;
    void drawButtonBackground (juce::Graphics& g,
                               juce::Button& button,
                               const juce::Colour& background,
                               bool isOver,
                               bool isDown) override;
    juce::Font getTextButtonFont (juce::TextButton&, int) override { return plainFont (bodyType); }
    juce::Font getPopupMenuFont() override { return plainFont (bodyType); }
    juce::Font getLabelFont (juce::Label& label) override { return label.getFont(); }
    void drawPopupMenuBackground (juce::Graphics& g, int width, int height) override;
    void fillTextEditorBackground (juce::Graphics& g,
                                   int width,
                                   int height,
                                   juce::TextEditor&) override;
    void drawTextEditorOutline (juce::Graphics& g,
                                int width,
                                int height,
                                juce::TextEditor&) override;
    void drawScrollbar (juce::Graphics& g,
                        juce::ScrollBar& bar,
                        int x,
                        int y,
                        int width,
                        int height,
                        bool isVertical,
                        int thumbStart,
                        int thumbSize,
                        bool isOver,
                        bool isDown) override;
    void drawCornerResizer (
        juce::Graphics& g, int width, int height, bool isOver, bool isDragging) override;
    int getDefaultScrollbarWidth() override { return 8; }
    juce::Rectangle<int> getTooltipBounds (const juce::String& text,
                                           juce::Point<int> position,
                                           juce::Rectangle<int> parent) override;
    void drawTooltip (juce::Graphics& g, const juce::String& text, int width, int height) override;
};

}  // namespace hexachord
