#include "ModelList.h"

#include "Checksums.h"

#include <algorithm>

namespace hexachord
{

ModelPointer ModelList::find (const juce::String& path, const juce::String& instrument) const
{
    if (path.isNotEmpty())
        return findUsers (path);
    for (const auto& model : bundledModels())
        if (model->rowOf (instrument) >= 0)
            return model;
    return nullptr;
}

std::vector<InstrumentFacts> ModelList::instruments (const juce::String& path) const
{
    const auto users = path.isEmpty() ? nullptr : findUsers (path);
    if (users != nullptr)
        return users->instruments;
    std::vector<InstrumentFacts> all;
    if (path.isEmpty())
        for (const auto& model : bundledModels())
            all.insert (all.end(), model->instruments.begin(), model->instruments.end());
    return all;
}

ModelPointer ModelList::findUsers (const juce::String& path) const
{
    const std::lock_guard<std::mutex> hold (mutex);
    const auto found = std::find_if (
        models.begin(), models.end(), [&] (const auto& model) { return model->path == path; });
    return found == models.end() ? nullptr : *found;
}

juce::StringArray ModelList::paths() const
{
    const std::lock_guard<std::mutex> hold (mutex);
    juce::StringArray all;
    for (const auto& model : models)
        all.add (model->path);
    return all;
}

void ModelList::add (const ModelPointer& model)
{
    const std::lock_guard<std::mutex> hold (mutex);
    for (auto& known : models)
        if (known->path == model->path)
        {
            known = model;
            return;
        }
    models.push_back (model);
}

ModelPointer ModelList::load (const juce::File& file, juce::String& problem)
{
    juce::MemoryBlock bytes;
    if (! readModelFile (file, bytes, problem))
        return nullptr;
    const auto sha256 = sha256Of (bytes.getData(), bytes.getSize());
    auto model = readUserModel (bytes, file.getFullPathName(), sha256, problem);
    if (model != nullptr)
        add (model);
    return model;
}

ModelPointer ModelList::restore (const SavedModel& saved, juce::String& problem)
{
    if (saved.isBundled())
        return find ({}, saved.instrument);
    if (auto known = findUsers (saved.path); known != nullptr && known->sha256 == saved.sha256)
        return known;
    juce::MemoryBlock bytes;
    const auto isThere = juce::File::isAbsolutePath (saved.path)
                      && readModelFile (juce::File (saved.path), bytes, problem);
    const auto found = isThere ? sha256Of (bytes.getData(), bytes.getSize()) : juce::String();
    const auto isSame = isThere && found == saved.sha256;
    const auto hasCopy = ! isSame && ! saved.file.isEmpty()
                      && sha256Of (saved.file.getData(), saved.file.getSize()) == saved.sha256;
    if (! isThere && ! hasCopy)
    {
        problem = fileNameOf (saved.path) + ": expected it at " + saved.path
                + " or whole in the state, found neither";
        return nullptr;
    }
    auto model = hasCopy ? readUserModel (saved.file, saved.path, saved.sha256, problem)
                         : readUserModel (bytes, saved.path, found, problem);
    if (model == nullptr)
        return nullptr;
    add (model);
    problem.clear();
    if (! isSame && ! hasCopy)
        problem = fileNameOf (saved.path) + ": has changed since this was saved";
    return model;
}

}  // namespace hexachord
