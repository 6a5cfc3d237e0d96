#include "Sounds.h"

#include "Names.h"

#include <BinaryData.h>

namespace hexachord
{
namespace
{

constexpr juce::int64 largestFile = 4 << 20;

juce::String named (const VoiceData& voice)
{
    return juce::String (nameOf (voice).data()).trimEnd();
}

// Writes beside the target first: what was there before stays whole if writing fails.
Outcome write (const juce::File& file,
               const std::uint8_t* data,
               std::size_t size,
               const juce::String& what)
{
    juce::TemporaryFile temporary (file);
    if (temporary.getFile().replaceWithData (data, size)
        && temporary.overwriteTargetFileWithTemporary())
        return { "Saved " + file.getFileName() + ": " + what, false };
    return { file.getFullPathName() + ": could not be written", true };
}

FoundDump firstDump (const juce::MemoryBlock& data)
{
    VoiceData voice {};
    auto bank = initialBank();
    const auto* bytes = static_cast<const std::uint8_t*> (data.getData());
    if (readHeaderlessBank (bytes, data.getSize(), bank))
        return { DumpKind::bank, true, data.getSize() };
    return readDump (bytes, data.getSize(), 0, voice, bank);
}

int dumpsIn (const juce::MemoryBlock& data)
{
    VoiceData voice {};
    auto bank = initialBank();
    auto count = 0;
    for (std::size_t at = 0; at < data.getSize();)
    {
        const auto found = readDump (
            static_cast<const std::uint8_t*> (data.getData()), data.getSize(), at, voice, bank);
        count += found.kind == DumpKind::none ? 0 : 1;
        at = found.end;
    }
    return count;
}

}  // namespace

std::vector<BundledBank> bundledBanks()
{
    std::vector<BundledBank> banks;
    for (auto i = 0; i < BinaryData::namedResourceListSize; ++i)
    {
        auto size = 0;
        const auto* data = BinaryData::getNamedResource (BinaryData::namedResourceList[i], size);
        const juce::String file (BinaryData::originalFilenames[i]);
        if (file.endsWithIgnoreCase (".syx"))
            banks.push_back ({ file.upToLastOccurrenceOf (".", false, false),
                               { data, static_cast<std::size_t> (size) } });
    }
    const auto builtIn = banks.size();
    const auto binary = juce::File::getSpecialLocation (juce::File::currentExecutableFile);
    auto files = binary.getParentDirectory()
                     .getSiblingFile ("Resources")
                     .findChildFiles (juce::File::findFiles, false, "*.syx");
    files.sort();
    for (const auto& file : files)
    {
        const auto name = file.getFileNameWithoutExtension();
        const auto isKnown = std::any_of (banks.begin(),
                                          banks.begin() + static_cast<std::ptrdiff_t> (builtIn),
                                          [&name] (const auto& bank) { return bank.name == name; });
        juce::MemoryBlock data;
        if (! isKnown && file.getSize() <= largestFile && file.loadFileAsData (data))
            banks.push_back ({ name, data });
    }
    return banks;
}

Outcome Sounds::choose (int program)
{
    history.remember();
    processor.instrument.chooseProgram (program);
    processor.hostShouldReadParameters();
    const auto bank = processor.instrument.bank();
    return { "Voice " + juce::String (program + 1) + ": "
                 + named (bank.voices[static_cast<std::size_t> (program)]),
             false };
}

Outcome Sounds::choose (const NeuralSound& sound)
{
    const auto before = history.present();
    const auto problem = processor.instrument.choose (sound);
    if (problem.isNotEmpty())
        return { problem, true };
    history.remember (before);
    processor.hostShouldReadParameters();
    return { "Instrument: " + instrumentTitle (sound.instrument), false };
}

Outcome Sounds::step (int by)
{
    const auto& instrument = processor.instrument;
    if (const auto present = instrument.neuralSound())
    {
        const auto all = instrument.instruments (present->model);
        const auto count = static_cast<int> (all.size());
        for (auto i = 0; i < count; ++i)
            if (all[static_cast<std::size_t> (i)].name == present->instrument)
                return choose ({ present->model,
                                 all[static_cast<std::size_t> ((i + by + count) % count)].name });
        return {};
    }
    return choose ((processor.instrument.program() + by + voicesPerBank) % voicesPerBank);
}

Outcome Sounds::load (const juce::MemoryBlock& data, const juce::String& name)
{
    const auto before = history.present();
    const auto problem = processor.instrument.load (data, name);
    if (problem.isNotEmpty())
        return { problem, true };
    history.remember (before);
    processor.hostShouldReadParameters();
    const auto found = firstDump (data);
    auto line = "Loaded " + name
        + (found.kind == DumpKind::bank ? juce::String (": 32 voices")
                                        : ": the voice " + voiceName());
    if (const auto dumps = dumpsIn (data); dumps > 1)
        line << ", the first of " << dumps << " dumps in the file";
    if (! found.checksumFits)
        line << "; its checksum does not fit, so look it over";
    return { line, false };
}

Outcome Sounds::loadModel (const juce::File& file)
{
    const auto before = history.present();
    const auto problem = processor.instrument.loadModel (file);
    if (problem.isNotEmpty())
        return { problem, true };
    history.remember (before);
    processor.hostShouldReadParameters();
    auto line = "Loaded " + file.getFileName();
    if (const auto present = processor.instrument.neuralSound())
    {
        const auto count = processor.instrument.instruments (present->model).size();
        line << ": " << instrumentTitle (present->instrument);
        if (count > 1)
            line << ", the first of " << static_cast<int> (count) << " instruments";
    }
    return { line, false };
}

Outcome Sounds::loadFile (const juce::File& file)
{
    const auto name = file.getFileName();
    if (file.isDirectory())
        return { name + ": expected a .syx or .ts file, found a folder", true };
    if (file.hasFileExtension ("ts"))
        return loadModel (file);
    if (file.getSize() > largestFile)
        return { name + ": expected a .syx file of at most 4 MB, found "
                     + juce::File::descriptionOfSizeInBytes (file.getSize()),
                 true };
    juce::MemoryBlock data;
    if (! file.existsAsFile() || ! file.loadFileAsData (data))
        return { name + ": could not be read", true };
    return load (data, file.getFileNameWithoutExtension());
}

void Sounds::set (const VoiceData& voice)
{
    // Operator switches belong to no voice dump: they outlive this.
    std::array<float, parameterCount> values;
    for (auto i = firstVoiceParameter; i < parameterCount; ++i)
        values[static_cast<std::size_t> (i)] = processor.parameter (i).plain();
    processor.instrument.setVoice (voice);
    for (auto i = firstVoiceParameter + storedFieldCount; i < parameterCount; ++i)
        processor.parameter (i).setPlain (values[static_cast<std::size_t> (i)]);
    processor.hostShouldReadParameters();
}

Outcome Sounds::rename (const juce::String& name)
{
    auto voice = processor.instrument.voice();
    const auto ascii = name.trim().retainCharacters (
        juce::String::fromUTF8 (" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`"
                                "abcdefghijklmnopqrstuvwxyz{|}"));
    setName (voice, ascii.substring (0, nameSize).paddedRight (' ', nameSize).toRawUTF8());
    history.remember();
    set (voice);
    return { "Renamed the voice to " + named (voice), false };
}

Outcome Sounds::storeVoice()
{
    const auto voice = processor.instrument.voice();
    const auto program = processor.instrument.program();
    history.remember();
    processor.instrument.setBankVoice (program, voice);
    processor.hostShouldReadParameters();
    return { "Stored " + named (voice) + " as voice " + juce::String (program + 1) + " of the bank",
             false };
}

Outcome Sounds::saveVoice (const juce::File& file)
{
    const auto voice = processor.instrument.voice();
    const auto dump = singleDump (voice);
    return write (file, dump.data(), dump.size(), "voice " + named (voice));
}

Outcome Sounds::saveBank (const juce::File& file)
{
    auto bank = processor.instrument.bank();
    bank.voices[static_cast<std::size_t> (processor.instrument.program())] =
        processor.instrument.voice();
    const auto dump = bankDump (bank);
    return write (file,
                  dump.data(),
                  dump.size(),
                  isEdited() ? juce::String ("32 voices, the present one as edited")
                             : juce::String ("32 voices"));
}

bool Sounds::isEdited() const
{
    const auto& instrument = processor.instrument;
    return instrument.voice()
        != instrument.bank().voices[static_cast<std::size_t> (instrument.program())];
}

void Sounds::compare()
{
    if (edited.has_value())
    {
        history.restore (*edited);
        edited.reset();
        return;
    }
    if (! isEdited())
        return;
    edited = history.present();
    set (edited->bank.voices[static_cast<std::size_t> (edited->program)]);
}

void Sounds::endStaleComparison()
{
    if (edited.has_value()
        && (processor.instrument.isNeural() || isEdited()
            || processor.instrument.program() != edited->program
            || ! (processor.instrument.bank().voices == edited->bank.voices)))
        edited.reset();
}

juce::String Sounds::voiceName() const
{
    return named (processor.instrument.voice());
}

}  // namespace hexachord
