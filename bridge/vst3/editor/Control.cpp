#include "Control.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr float dragLength = 220.0f, fineFactor = 0.1f;
constexpr float continuousSteps = 100.0f, wheelStep = 0.12f;
constexpr int touched = 3;

class ControlValue final : public juce::AccessibilityRangedNumericValueInterface
{
public:
    ControlValue (Desk& owner, std::function<Parameter&()> shownParameter)
        : desk (owner), parameter (std::move (shownParameter))
    {}

    bool isReadOnly() const override { return false; }
    double getCurrentValue() const override { return static_cast<double> (parameter().plain()); }
    void setValue (double plain) override
    {
        Gesture (desk, parameter()).set (static_cast<float> (plain));
    }
    AccessibleValueRange getRange() const override
    {
        const auto& info = parameter().info();
        const auto low = static_cast<double> (info.low), high = static_cast<double> (info.high);
        const auto step = static_cast<double> (info.step);
        return { { low, high }, step > 0.0 ? step : (high - low) / 100.0 };
    }

private:
    Desk& desk;
    std::function<Parameter&()> parameter;
};

}  // namespace

Control::Control (Desk& owner, int parameterIndex, juce::String shortName)
    : Polled (owner), index (parameterIndex), shownName (std::move (shortName)), shown (0.0f)
{
    setWantsKeyboardFocus (true);
    setRepaintsOnMouseActivity (false);
    if (shownName.isEmpty())
        shownName = parameterTable[index].name;
    show (index);
}

Control::~Control() = default;

void Control::show (int newParameter)
{
    gesture.reset();
    typing.reset();
    index = newParameter;
    shown = parameter().plain();
    setTitle (parameterTable[index].name);
    setComponentID (parameterTable[index].id);
    repaint();
}

void Control::poll()
{
    if (! isShowing())
        return;
    const auto value = parameter().plain();
    const auto controller = desk.processor.instrument.learned.controllerOf (index);
    const auto waits = desk.processor.instrument.learned.listeningFor() == index;
    if (value == shown && controller == shownController && waits == listening)
        return;
    if (listening && ! waits && controller >= 0)
        desk.say (juce::String (parameterTable[index].name) + " follows CC "
                      + juce::String (controller),
                  false);
    shown = value;
    shownController = controller;
    listening = waits;
    repaint();
}

juce::String Control::valueText() const
{
    const auto& learned = desk.processor.instrument.learned;
    if (learned.listeningFor() == index)
        return "move CC";
    const auto& info = parameter().info();
    const juce::String unit (info.unit);
    const auto whole = std::round (parameter().plain());
    // Wide ranges show decimals only where there are some.
    const auto isWhole = info.labelCount == 0 && info.high - info.low > 2.0f
        && std::abs (parameter().plain() - whole) < 0.005f;
    const auto number =
        isWhole ? juce::String (juce::roundToInt (whole)) : parameter().getText (share(), 0);
    return number + (unit.isEmpty() ? "" : " " + (unit == "semitones" ? "st" : unit));
}

bool Control::isLearned() const
{
    return shownController >= 0;
}

juce::String Control::getTooltip()
{
    const auto& info = parameterTable[index];
    auto text =
        juce::String (info.name) + ": " + parameter().getText (share(), 0) + " " + info.unit;
    text = text.trimEnd();
    if (info.labelCount == 0)
        text << "  (" << info.low << " to " << info.high << ")";
    if (const auto usual = typical(); usual != info.defaultValue)
        text << "\ntypical of this instrument: "
             << parameter().getText (parameter().getNormalisableRange().convertTo0to1 (usual), 0);
    if (shownController >= 0)
        text << "\nfollows CC " << shownController;
    return text;
}

void Control::moveTo (float plain)
{
    Gesture (desk, parameter()).set (plain);
}

void Control::moveBy (float steps, bool isFine)
{
    const auto& info = parameter().info();
    const auto step = info.step > 0.0f
        ? info.step
        : (info.high - info.low) / continuousSteps * (isFine ? fineFactor : 1.0f);
    moveTo (parameter().plain() + steps * step);
}

void Control::mouseDown (const juce::MouseEvent& event)
{
    if (event.mods.isPopupMenu())
    {
        showMenu();
        return;
    }
    dragged = share();
    lastDrag = event.getPosition();
}

void Control::mouseDrag (const juce::MouseEvent& event)
{
    if (event.mods.isPopupMenu() || parameter().info().labelCount > 0)
        return;
    if (! gesture.has_value())
    {
        if (event.getDistanceFromDragStart() < touched)
            return;
        gesture.emplace (desk, parameter());
        lastDrag = event.getPosition();
    }
    const auto moved = event.getPosition() - lastDrag;
    lastDrag = event.getPosition();
    const auto length = dragLength / (event.mods.isShiftDown() ? fineFactor : 1.0f);
    dragged = juce::jlimit (0.0f, 1.0f, dragged + static_cast<float> (moved.x - moved.y) / length);
    const auto& info = parameter().info();
    gesture->set (info.low + dragged * (info.high - info.low));
}

void Control::mouseUp (const juce::MouseEvent&)
{
    gesture.reset();
}

void Control::mouseDoubleClick (const juce::MouseEvent& event)
{
    if (event.mods.isPopupMenu() || parameter().info().labelCount > 0)
        return;
    if (valueArea().contains (event.getPosition()))
        type();
    else
        moveTo (typical());
}

void Control::mouseWheelMove (const juce::MouseEvent& event, const juce::MouseWheelDetails& wheel)
{
    if (gesture.has_value())
        return;
    rolled += (wheel.isReversed ? -wheel.deltaY : wheel.deltaY) / wheelStep;
    const auto steps = std::trunc (rolled);
    if (steps == 0.0f)
        return;
    rolled -= steps;
    moveBy (steps, event.mods.isShiftDown());
}

bool Control::keyPressed (const juce::KeyPress& key)
{
    const auto isFine = key.getModifiers().isShiftDown();
    if (key.getModifiers().isCommandDown() || key.getModifiers().isAltDown())
        return false;
    const auto& info = parameter().info();
    ringed = true;
    if (key.isKeyCode (juce::KeyPress::upKey) || key.isKeyCode (juce::KeyPress::rightKey))
        moveBy (1.0f, isFine);
    else if (key.isKeyCode (juce::KeyPress::downKey) || key.isKeyCode (juce::KeyPress::leftKey))
        moveBy (-1.0f, isFine);
    else if (key.isKeyCode (juce::KeyPress::pageUpKey))
        moveBy (10.0f, false);
    else if (key.isKeyCode (juce::KeyPress::pageDownKey))
        moveBy (-10.0f, false);
    else if (key.isKeyCode (juce::KeyPress::homeKey))
        moveTo (info.low);
    else if (key.isKeyCode (juce::KeyPress::endKey))
        moveTo (info.high);
    else if (key.isKeyCode (juce::KeyPress::deleteKey)
             || key.isKeyCode (juce::KeyPress::backspaceKey))
        moveTo (typical());
    else if (key.isKeyCode (juce::KeyPress::returnKey))
        press();
    else if (key.isKeyCode (juce::KeyPress::F10Key) && isFine)
        showMenu();
    else
        return false;
    return true;
}

void Control::focusGained (FocusChangeType cause)
{
    ringed = cause != focusChangedByMouseClick;
    repaint();
}

void Control::focusLost (FocusChangeType)
{
    ringed = false;
    repaint();
}

void Control::type()
{
    if (parameter().info().labelCount > 0)
        return;
    typing = std::make_unique<juce::TextEditor>();
    typing->setFont (plainFont (bodyType));
    typing->setJustification (juce::Justification::centred);
    typing->setTitle (getTitle() + " value");
    typing->setText (parameter().getText (share(), 0), false);
    typing->setBounds (valueArea()
                           .withSizeKeepingCentre (juce::jmax (64, valueArea().getWidth()), 22)
                           .constrainedWithin (getLocalBounds()));
    typing->onReturnKey = [this] { endTyping (true); };
    typing->onFocusLost = [this] { endTyping (true); };
    typing->onEscapeKey = [this] { endTyping (false); };
    addAndMakeVisible (*typing);
    typing->selectAll();
    typing->grabKeyboardFocus();
}

void Control::endTyping (bool isTaken)
{
    if (typing == nullptr)
        return;
    const auto text = typing->getText();
    typing->onFocusLost = nullptr;
    // Its own callback is running: it goes once that has returned.
    juce::MessageManager::callAsync (
        [gone = std::shared_ptr<juce::TextEditor> (std::move (typing))] {});
    const auto plain =
        parameter().getNormalisableRange().convertFrom0to1 (parameter().getValueForText (text));
    if (isTaken && text.containsAnyOf ("0123456789") && text != parameter().getText (share(), 0))
        moveTo (plain);
    repaint();
}

std::unique_ptr<juce::AccessibilityHandler> Control::createAccessibilityHandler()
{
    return std::make_unique<juce::AccessibilityHandler> (
        *this,
        role(),
        juce::AccessibilityActions()
            .addAction (juce::AccessibilityActionType::press, [this] { press(); })
            .addAction (juce::AccessibilityActionType::showMenu, [this] { showMenu(); }),
        juce::AccessibilityHandler::Interfaces { std::make_unique<ControlValue> (
            desk, [this]() -> Parameter& { return parameter(); }) });
}

}  // namespace hexachord
