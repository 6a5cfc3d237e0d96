#include "Archive.h"

#include "Checksums.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace hexachord
{
namespace
{

const char* const descriptionName = "hexachord.json";
const char* const weightsName = "weights.safetensors";
constexpr int schema = 1;
constexpr juce::uint32 largestDescription = 1 << 20, largestWeights = 1 << 28;
constexpr int deepestNesting = 32;

// Zip: the records that end a file, list a member and begin one, and where their fields lie.
constexpr juce::uint32 endMark = 0x06054b50, entryMark = 0x02014b50, memberMark = 0x04034b50;
constexpr std::size_t endSize = 22, entrySize = 46, memberSize = 30, longestComment = 0xffff;
constexpr int stored = 0, deflated = 8;

class Bytes
{
public:
    Bytes (const void* data, std::size_t length)
        : begin (static_cast<const std::uint8_t*> (data)), size (length)
    {}

    bool holds (std::size_t at, std::size_t length) const { return at <= size && length <= size - at; }
    juce::uint32 two (std::size_t at) const { return juce::ByteOrder::littleEndianShort (begin + at); }
    juce::uint32 four (std::size_t at) const { return juce::ByteOrder::littleEndianInt (begin + at); }

    const std::uint8_t* begin;
    std::size_t size;
};

struct Entry
{
    int method = 0;
    bool isEncrypted = false;
    juce::uint32 checksum = 0, packedSize = 0, size = 0, offset = 0;
};

// Where the list of members begins and how many there are: told at the file's end, before a comment.
bool findList (const Bytes& file, std::size_t& at, juce::uint32& count)
{
    if (file.size < endSize)
        return false;
    const auto last = file.size - endSize;
    for (auto end = last + 1; end-- > (last > longestComment ? last - longestComment : 0);)
        if (file.four (end) == endMark)
        {
            count = file.two (end + 10);
            at = file.four (end + 16);
            return at <= end;
        }
    return false;
}

// How many members are called `.../extra/name`; the last of them goes to `out`. -1: a broken list.
int findMember (const Bytes& file, std::size_t at, juce::uint32 count, const char* name, Entry& out)
{
    const auto wanted = juce::String ("/extra/") + name;
    auto found = 0;
    for (juce::uint32 i = 0; i < count; ++i)
    {
        if (! file.holds (at, entrySize) || file.four (at) != entryMark)
            return -1;
        const std::size_t length = file.two (at + 28);
        if (! file.holds (at + entrySize, length))
            return -1;
        const auto* text = reinterpret_cast<const char*> (file.begin + at + entrySize);
        const auto suffix = static_cast<std::size_t> (wanted.length());
        if (length >= suffix && std::equal (text + length - suffix, text + length, wanted.toRawUTF8()))
        {
            ++found;
            out = { static_cast<int> (file.two (at + 10)),
                    (file.two (at + 8) & 1) != 0,
                    file.four (at + 16),
                    file.four (at + 20),
                    file.four (at + 24),
                    file.four (at + 42) };
        }
        at += entrySize + length + file.two (at + 30) + file.two (at + 32);
    }
    return found;
}

bool unpack (const std::uint8_t* packed, const Entry& entry, juce::MemoryBlock& out)
{
    juce::MemoryInputStream source (packed, entry.packedSize, false);
    juce::GZIPDecompressorInputStream stream (
        &source, false, juce::GZIPDecompressorInputStream::deflateFormat);
    auto* data = static_cast<char*> (out.getData());
    for (juce::uint32 done = 0; done < entry.size;)
    {
        const auto count = stream.read (data + done, static_cast<int> (entry.size - done));
        if (count <= 0)
            return false;
        done += static_cast<juce::uint32> (count);
    }
    char beyond = 0;
    return stream.read (&beyond, 1) <= 0;
}

juce::String readMember (
    const Bytes& file, const Entry& entry, const char* name, juce::uint32 largest, juce::MemoryBlock& out)
{
    const auto whole = juce::String ("expected a whole ") + name + ", found it ";
    if (entry.isEncrypted || (entry.method != stored && entry.method != deflated))
        return juce::String ("expected ") + name + " stored or deflated, found it "
             + (entry.isEncrypted ? juce::String ("encrypted")
                                  : "packed by method " + juce::String (entry.method));
    if (entry.size > largest)
        return juce::String ("expected ") + name + " of at most " + juce::String (largest)
             + " bytes, found " + juce::String (entry.size);
    if (! file.holds (entry.offset, memberSize) || file.four (entry.offset) != memberMark)
        return whole + "cut off";
    const auto begin = entry.offset + memberSize + file.two (entry.offset + 26)
                     + file.two (entry.offset + 28);
    if (! file.holds (begin, entry.packedSize))
        return whole + "cut off";
    if (entry.method == stored && entry.packedSize != entry.size)
        return whole + "of two sizes";
    out.setSize (entry.size);
    if (entry.method == stored)
        out.copyFrom (file.begin + begin, 0, entry.size);
    else if (! unpack (file.begin + begin, entry, out))
        return whole + "damaged";
    if (crc32Of (static_cast<const std::uint8_t*> (out.getData()), out.getSize()) != entry.checksum)
        return whole + "damaged (its checksum does not fit)";
    return {};
}

// JUCE reads JSON by calling itself: what is nested deeply would end the stack.
bool isShallow (const char* text, std::size_t size)
{
    auto depth = 0;
    auto isText = false;
    for (std::size_t i = 0; i < size; ++i)
    {
        if (isText && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            isText = ! isText;
        else if (! isText && (text[i] == '[' || text[i] == '{') && ++depth > deepestNesting)
            return false;
        else if (! isText && (text[i] == ']' || text[i] == '}'))
            --depth;
    }
    return true;
}

bool readObject (const void* data, std::size_t size, juce::var& out)
{
    const auto* text = static_cast<const char*> (data);
    if (size == 0 || size > static_cast<std::size_t> (std::numeric_limits<int>::max())
        || ! juce::CharPointer_UTF8::isValidString (text, static_cast<int> (size))
        || ! isShallow (text, size))
        return false;
    return juce::JSON::parse (juce::String::fromUTF8 (text, static_cast<int> (size)), out).wasOk()
        && out.getDynamicObject() != nullptr;
}

}  // namespace

juce::String Archive::read (const void* data, std::size_t size)
{
    const Bytes file (data, size);
    std::size_t list = 0;
    juce::uint32 count = 0;
    if (! findList (file, list, count))
        return "expected a Hexachord instrument (.ts), found "
             + (size == 0 ? juce::String ("an empty file") : juce::String ("another kind of file, or a part"));
    juce::MemoryBlock text;
    const std::tuple<const char*, juce::uint32, juce::MemoryBlock*> members[] = {
        { descriptionName, largestDescription, &text }, { weightsName, largestWeights, &weights }
    };
    for (const auto& [name, largest, out] : members)
    {
        Entry entry;
        const auto found = findMember (file, list, count, name, entry);
        if (found < 0)
            return "expected a Hexachord instrument (.ts), found a damaged list of its files";
        if (found != 1)
            return juce::String ("expected a Hexachord instrument with one ") + name + ", found "
                 + juce::String (found);
        const auto problem = readMember (file, entry, name, largest, *out);
        if (problem.isNotEmpty())
            return problem;
    }
    if (! readObject (text.getData(), text.getSize(), description))
        return juce::String ("expected ") + descriptionName + " in JSON, found something else";
    const auto found = description["schema"];
    if (! (found.isInt() || found.isInt64()) || static_cast<juce::int64> (found) != schema)
        return "expected schema " + juce::String (schema) + ", found "
             + (found.isVoid() ? juce::String ("none") : found.toString().substring (0, 20));
    return {};
}

juce::String Archive::find (const char* name, Tensor& out) const
{
    constexpr std::size_t lengthSize = 8;
    const auto expected = juce::String ("expected ") + weightsName + " with ";
    const auto* bytes = static_cast<const std::uint8_t*> (weights.getData());
    if (weights.getSize() < lengthSize)
        return expected + "a header, found none";
    const auto length = juce::ByteOrder::littleEndianInt64 (bytes);
    const auto room = weights.getSize() - lengthSize;
    juce::var header;
    if (length > std::min<juce::uint64> (room, largestDescription)
        || ! readObject (bytes + lengthSize, static_cast<std::size_t> (length), header))
        return expected + "a header, found something else";
    const auto& entry = header[name];
    const auto* shape = entry["shape"].getArray();
    const auto* offsets = entry["data_offsets"].getArray();
    if (shape == nullptr || offsets == nullptr || offsets->size() != 2)
        return expected + name + ", found none";
    const auto first = static_cast<juce::int64> ((*offsets)[0]);
    const auto last = static_cast<juce::int64> ((*offsets)[1]);
    const auto dataSize = static_cast<juce::int64> (room - static_cast<std::size_t> (length));
    if (first < 0 || last < first || last > dataSize)
        return expected + "all of " + name + ", found a part";
    out.type = entry["dtype"].toString();
    out.shape.clear();
    for (const auto& extent : *shape)
        out.shape.push_back (static_cast<juce::int64> (extent));
    out.data = bytes + lengthSize + length + first;
    out.size = static_cast<std::size_t> (last - first);
    return {};
}

}  // namespace hexachord
