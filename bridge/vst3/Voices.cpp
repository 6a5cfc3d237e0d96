#include "Voices.h"

#include <algorithm>

namespace hexachord
{
namespace
{

constexpr std::uint8_t sysexStart = 0xF0, sysexEnd = 0xF7, yamaha = 0x43;
constexpr int headerSize = 6;
constexpr int packedBankSize = voicesPerBank * vmemSize;

struct Format
{
    DumpKind kind;
    std::uint8_t number;
    int dataSize;
};

constexpr Format formats[] = { { DumpKind::single, 0, vcedSize },
                               { DumpKind::bank, 9, packedBankSize } };

std::uint8_t checksum (const std::uint8_t* data, int size) noexcept
{
    auto sum = 0;
    for (auto i = 0; i < size; ++i)
        sum += data[i];
    return static_cast<std::uint8_t> (-sum & 0x7F);
}

void clamp (VoiceData& voice) noexcept
{
    for (auto i = 0; i < storedFieldCount; ++i)
        voice[static_cast<std::size_t> (i)] =
            std::min (voice[static_cast<std::size_t> (i)],
                      static_cast<std::uint8_t> (fieldTable[i].maximum));
    for (auto i = static_cast<std::size_t> (vcedNameOffset); i < voice.size(); ++i)
        voice[i] &= 0x7F;
}

VoiceData unpack (const std::uint8_t* packed) noexcept
{
    VoiceData voice {};
    for (auto i = 0; i < storedFieldCount; ++i)
    {
        const auto& field = fieldTable[i];
        voice[static_cast<std::size_t> (i)] = static_cast<std::uint8_t> (
            packed[field.byte] >> field.shift & ((1 << field.bits) - 1));
    }
    std::copy_n (packed + vmemNameOffset, nameSize, voice.begin() + vcedNameOffset);
    clamp (voice);
    return voice;
}

void pack (const VoiceData& voice, std::uint8_t* packed) noexcept
{
    std::fill_n (packed, vmemSize, std::uint8_t { 0 });
    for (auto i = 0; i < storedFieldCount; ++i)
    {
        const auto& field = fieldTable[i];
        packed[field.byte] = static_cast<std::uint8_t> (
            packed[field.byte] | voice[static_cast<std::size_t> (i)] << field.shift);
    }
    std::copy_n (voice.begin() + vcedNameOffset, nameSize, packed + vmemNameOffset);
}

void writeHeader (std::uint8_t* message, const Format& format) noexcept
{
    const std::uint8_t header[headerSize] = {
        sysexStart,
        yamaha,
        0,
        format.number,
        static_cast<std::uint8_t> (format.dataSize >> 7 & 0x7F),
        static_cast<std::uint8_t> (format.dataSize & 0x7F),
    };
    std::copy_n (header, headerSize, message);
    message[headerSize + format.dataSize] = checksum (message + headerSize, format.dataSize);
    message[headerSize + format.dataSize + 1] = sysexEnd;
}

bool isDump (const std::uint8_t* message, std::size_t size, const Format& format) noexcept
{
    const auto whole = static_cast<std::size_t> (headerSize + format.dataSize + 2);
    if (size < whole || message[1] != yamaha || (message[2] & 0xF0) != 0
        || message[3] != format.number || message[whole - 1] != sysexEnd)
        return false;
    return std::all_of (message + headerSize,
                        message + whole - 1,
                        [] (auto byte) { return byte < 0x80; });
}

}  // namespace

VoiceData initialVoice() noexcept
{
    VoiceData voice {};
    for (auto i = 0; i < storedFieldCount; ++i)
        voice[static_cast<std::size_t> (i)] =
            static_cast<std::uint8_t> (fieldTable[i].defaultValue);
    setName (voice, "INIT VOICE");
    return voice;
}

Bank initialBank() noexcept
{
    Bank bank;
    bank.voices.fill (initialVoice());
    return bank;
}

Patch patchOf (const VoiceData& voice) noexcept
{
    Patch patch {};
    for (auto i = 0; i < fieldCount; ++i)
        patch[static_cast<std::size_t> (i)] =
            i < storedFieldCount ? static_cast<float> (voice[static_cast<std::size_t> (i)])
                                 : static_cast<float> (fieldTable[i].defaultValue);
    return patch;
}

std::array<char, nameSize + 1> nameOf (const VoiceData& voice) noexcept
{
    std::array<char, nameSize + 1> name {};
    for (auto i = 0; i < nameSize; ++i)
    {
        const auto byte = voice[static_cast<std::size_t> (vcedNameOffset + i)];
        name[static_cast<std::size_t> (i)] =
            byte >= 32 && byte < 127 ? static_cast<char> (byte) : ' ';
    }
    return name;
}

void setName (VoiceData& voice, const char* name) noexcept
{
    auto ended = false;
    for (auto i = 0; i < nameSize; ++i)
    {
        ended = ended || name[i] == 0;
        const auto character = ended ? ' ' : name[i];
        voice[static_cast<std::size_t> (vcedNameOffset + i)] =
            character >= 32 && character < 127 ? static_cast<std::uint8_t> (character) : ' ';
    }
}

DumpKind kindOf (const std::uint8_t* message, std::size_t size) noexcept
{
    for (const auto& format : formats)
        if (size > 0 && message[0] == sysexStart && isDump (message, size, format))
            return format.kind;
    return DumpKind::none;
}

FoundDump readDump (const std::uint8_t* data,
                    std::size_t size,
                    std::size_t begin,
                    VoiceData& voice,
                    Bank& bank) noexcept
{
    for (auto at = begin; at < size; ++at)
    {
        if (data[at] != sysexStart)
            continue;
        for (const auto& format : formats)
        {
            if (! isDump (data + at, size - at, format))
                continue;
            const auto* content = data + at + headerSize;
            if (format.kind == DumpKind::single)
            {
                std::copy_n (content, vcedSize, voice.begin());
                clamp (voice);
            }
            else
            {
                for (auto& unpacked : bank.voices)
                {
                    unpacked = unpack (content);
                    content += vmemSize;
                }
            }
            const auto* sum = data + at + headerSize + format.dataSize;
            return { format.kind,
                     checksum (data + at + headerSize, format.dataSize) == *sum,
                     at + static_cast<std::size_t> (headerSize + format.dataSize + 2) };
        }
    }
    return { DumpKind::none, true, size };
}

bool readHeaderlessBank (const std::uint8_t* data, std::size_t size, Bank& bank) noexcept
{
    if (size != static_cast<std::size_t> (packedBankSize)
        || std::any_of (data, data + size, [] (auto byte) { return byte >= 0x80; }))
        return false;
    for (auto& voice : bank.voices)
    {
        voice = unpack (data);
        data += vmemSize;
    }
    return true;
}

SingleDump singleDump (const VoiceData& voice) noexcept
{
    SingleDump dump {};
    std::copy (voice.begin(), voice.end(), dump.begin() + headerSize);
    writeHeader (dump.data(), formats[0]);
    return dump;
}

BankDump bankDump (const Bank& bank) noexcept
{
    BankDump dump {};
    auto* packed = dump.data() + headerSize;
    for (const auto& voice : bank.voices)
    {
        pack (voice, packed);
        packed += vmemSize;
    }
    writeHeader (dump.data(), formats[1]);
    return dump;
}

}  // namespace hexachord
