#include "Checksums.h"

#include <algorithm>
#include <array>

namespace hexachord
{
namespace
{

constexpr std::size_t blockSize = 64;

constexpr std::array<std::uint32_t, 64> roundConstants {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

constexpr std::uint32_t turned (std::uint32_t word, int places) noexcept
{
    return word >> places | word << (32 - places);
}

void addBlock (std::array<std::uint32_t, 8>& state, const std::uint8_t* data) noexcept
{
    std::array<std::uint32_t, 64> words;
    for (std::size_t i = 0; i < 16; ++i)
        words[i] = juce::ByteOrder::bigEndianInt (data + 4 * i);
    for (std::size_t i = 16; i < 64; ++i)
    {
        const auto early = words[i - 15], late = words[i - 2];
        words[i] = words[i - 16] + words[i - 7] + (turned (early, 7) ^ turned (early, 18) ^ early >> 3)
                 + (turned (late, 17) ^ turned (late, 19) ^ late >> 10);
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i)
    {
        const auto first = h + (turned (e, 6) ^ turned (e, 11) ^ turned (e, 25)) + ((e & f) ^ (~e & g))
                         + roundConstants[i] + words[i];
        const auto second = (turned (a, 2) ^ turned (a, 13) ^ turned (a, 22))
                          + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    const std::array<std::uint32_t, 8> added { a, b, c, d, e, f, g, h };
    for (std::size_t i = 0; i < state.size(); ++i)
        state[i] += added[i];
}

}  // namespace

std::uint32_t crc32Of (const std::uint8_t* data, std::size_t size) noexcept
{
    static const auto table = []
    {
        std::array<std::uint32_t, 256> rows {};
        for (std::uint32_t i = 0; i < 256; ++i)
        {
            rows[i] = i;
            for (auto bit = 0; bit < 8; ++bit)
                rows[i] = rows[i] >> 1 ^ ((rows[i] & 1) != 0 ? 0xedb88320u : 0u);
        }
        return rows;
    }();
    auto sum = 0xffffffffu;
    for (std::size_t i = 0; i < size; ++i)
        sum = table[(sum ^ data[i]) & 0xff] ^ sum >> 8;
    return ~sum;
}

juce::String sha256Of (const void* data, std::size_t size)
{
    std::array<std::uint32_t, 8> state { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    const auto* bytes = static_cast<const std::uint8_t*> (data);
    const auto whole = size / blockSize * blockSize;
    for (std::size_t at = 0; at < whole; at += blockSize)
        addBlock (state, bytes + at);
    // What is left, a one bit, zeros, and the number of bits at the end of a block.
    std::array<std::uint8_t, 2 * blockSize> rest {};
    const auto left = size - whole;
    std::copy_n (bytes + whole, left, rest.begin());
    rest[left] = 0x80;
    const auto restSize = left + 9 <= blockSize ? blockSize : 2 * blockSize;
    for (std::size_t i = 0; i < 8; ++i)
        rest[restSize - 1 - i] = static_cast<std::uint8_t> (static_cast<std::uint64_t> (size) * 8 >> 8 * i);
    for (std::size_t at = 0; at < restSize; at += blockSize)
        addBlock (state, rest.data() + at);
    juce::String digits;
    for (const auto word : state)
        digits << juce::String::toHexString (static_cast<int> (word)).paddedLeft ('0', 8);
    return digits;
}

}  // namespace hexachord
