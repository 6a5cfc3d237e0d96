// DX7 voices and banks as bytes: reading and writing system exclusive messages, and patches for the
// engine. Formats and ranges come from the one field table (hexachord_parameters.h). Nothing here
// allocates, so that a dump may arrive on the audio thread; files are the message thread's business.
#pragma once

#include "Engine.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace hexachord
{

using VoiceData = std::array<std::uint8_t, vcedSize>;

inline constexpr int voicesPerBank = 32;
inline constexpr int singleDumpSize = 163;
inline constexpr int bankDumpSize = 4104;

using SingleDump = std::array<std::uint8_t, singleDumpSize>;
using BankDump = std::array<std::uint8_t, bankDumpSize>;

struct Bank
{
    std::array<VoiceData, voicesPerBank> voices;
};

VoiceData initialVoice() noexcept;
Bank initialBank() noexcept;

// Stored values of the engine's patch, all operators on.
Patch patchOf (const VoiceData& voice) noexcept;

// The printable name, ten characters and a zero.
std::array<char, nameSize + 1> nameOf (const VoiceData& voice) noexcept;
void setName (VoiceData& voice, const char* name) noexcept;

enum class DumpKind
{
    none,
    single,
    bank
};

// What kind of DX7 dump a message is from its first byte to its last.
DumpKind kindOf (const std::uint8_t* message, std::size_t size) noexcept;

// What was found in a stretch of bytes: the first DX7 dump in it, behind whatever else.
struct FoundDump
{
    DumpKind kind = DumpKind::none;
    bool checksumFits = true;
    std::size_t end = 0;
};

// Reads the next DX7 dump from `begin` on; out-of-range values are brought into range. A single
// voice goes to `voice`, a bank to `bank`. `end` is where to look for more.
FoundDump readDump (const std::uint8_t* data,
                    std::size_t size,
                    std::size_t begin,
                    VoiceData& voice,
                    Bank& bank) noexcept;

// A bank without header: 32 packed voices in 4096 bytes, all below 128. False if it is none.
bool readHeaderlessBank (const std::uint8_t* data, std::size_t size, Bank& bank) noexcept;

SingleDump singleDump (const VoiceData& voice) noexcept;
BankDump bankDump (const Bank& bank) noexcept;

}  // namespace hexachord
