#include "whyclip/hub/model_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/hub/pretrained.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHubPrefix = "hf-hub:";       // as open_clip and timm write it
constexpr std::string_view kLocalPrefix = "local-dir:";  // as open_clip writes it

bool exists(const fs::path& path) {
  std::error_code unknown;
  return fs::exists(path, unknown);
}

bool is_path_like(std::string_view text) {
  if (text == "." || text == ".." || text == "~") return true;
  for (const std::string_view begin : {"/", "./", "../", "~/"}) {
    if (text.starts_with(begin)) return true;
  }
  for (const std::string_view end : {".safetensors", ".bin", ".pt", ".pth", ".gguf", "/"}) {
    if (text.ends_with(end)) return true;
  }
  return false;
}

fs::path path_of(std::string_view text) {
  const char* home = std::getenv("HOME");
  const bool from_home = text == "~" || text.starts_with("~/");
  if (!from_home || home == nullptr || *home == '\0') return text;
  return text.size() < 3 ? fs::path(home) : fs::path(home) / text.substr(2);
}

/// Whether it can be the name of an organisation or of a repository, as huggingface_hub's
/// validate_repo_id has it.
bool is_hub_word(std::string_view word) {
  constexpr std::size_t kLongest = 96;
  const auto good = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  };
  const auto at_the_edge = [](char c) { return c != '-' && c != '.'; };
  return !word.empty() && word.size() <= kLongest && std::ranges::all_of(word, good) &&
         at_the_edge(word.front()) && at_the_edge(word.back()) && word.find("--") == word.npos &&
         word.find("..") == word.npos && !word.ends_with(".git");
}

bool is_repository(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != text.npos && is_hub_word(text.substr(0, slash)) &&
         is_hub_word(text.substr(slash + 1));
}

/// Tags as open_clip compares them.
std::string clean_tag(std::string_view tag) {
  std::string result(tag);
  for (char& c : result) {
    c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

const PretrainedFile* find_file(std::string_view name) {
  const auto files = pretrained_files();
  const auto found = std::ranges::find(files, name, &PretrainedFile::name);
  return found == files.end() ? nullptr : &*found;
}

ModelName single_file(std::string_view text, const PretrainedFile& file) {
  return {.text = std::string(text),
          .kind = ModelName::Kind::kFile,
          .address = std::string(file.address),
          .sha256 = std::string(file.sha256)};
}

/// What a name without a revision is in the registry; none if the part before the last separator is
/// no architecture of it.
std::optional<ModelName> in_registry(std::string_view name) {
  const std::size_t separator = name.find_last_of("/:");
  if (separator == name.npos) return {};
  std::string architecture(name.substr(0, separator));
  std::ranges::replace(architecture, '/', '-');  // open_clip accepts "ViT-B/32" as well
  const std::string tag = clean_tag(name.substr(separator + 1));
  if (const PretrainedFile* file = find_file(architecture + "/" + tag)) {
    return single_file(name, *file);
  }
  std::vector<std::string_view> tags;
  for (const PretrainedModel& model : pretrained_models()) {
    if (model.architecture != architecture) continue;
    if (model.tag == tag) {
      return ModelName{.text = std::string(name),
                       .kind = ModelName::Kind::kRepository,
                       .repository = std::string(model.repository),
                       .open_clip = true};
    }
    tags.push_back(model.tag);
  }
  if (tags.empty()) return {};
  throw Error(name,
              fmt::format("open_clip's {} has no pretrained tag \"{}\"; expected {}", architecture,
                          tag, fmt::join(tags, ", ")),
              ErrorCode::kNotFound);
}

/// The revision after the @, and the text without it.
std::string split_revision(std::string_view& text) {
  const std::size_t at = text.find('@');
  if (at == text.npos) return {};
  std::string revision(text.substr(at + 1));
  check_revision(revision, text);
  text = text.substr(0, at);
  return revision;
}

}  // namespace

void check_revision(std::string_view revision, std::string_view where) {
  constexpr std::size_t kLongest = 200;
  const auto good = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '/' || c == '+';
  };
  const bool valid = !revision.empty() && revision.size() <= kLongest &&
                     std::ranges::all_of(revision, good) && revision.find("..") == revision.npos &&
                     revision.find("//") == revision.npos && revision.front() != '/' &&
                     revision.back() != '/' && revision.front() != '.' &&
                     revision.find("/.") == revision.npos && revision.front() != '-';
  if (valid) return;
  throw Error(where, fmt::format("\"{}\" is no revision; expected a branch, a tag or a commit "
                                 "after the @",
                                 revision));
}

ModelName parse_model_name(std::string_view text) {
  ModelName name{.text = std::string(text)};
  if (text.find('\0') != text.npos) {
    throw Error("model", "the name has a zero byte");
  }
  if (text.starts_with(kLocalPrefix)) {
    name.path = path_of(text.substr(kLocalPrefix.size()));
    return name;
  }
  const bool by_hub = text.starts_with(kHubPrefix);
  if (!by_hub && (is_path_like(text) || exists(text))) {
    name.path = path_of(text);
    return name;
  }
  if (const PretrainedFile* file = find_file(text)) return single_file(text, *file);
  std::string_view rest = by_hub ? text.substr(kHubPrefix.size()) : text;
  name.revision = split_revision(rest);
  if (!by_hub) {
    if (std::optional<ModelName> found = in_registry(rest)) {
      if (found->kind == ModelName::Kind::kFile && !name.revision.empty()) {
        throw Error(text, "a single file has no revisions; leave out the @");
      }
      found->text = name.text;
      found->revision = name.revision;
      return *found;
    }
  }
  if (!is_repository(rest)) {
    throw Error(text,
                "no such file or folder, and not the name of a model; expected a path, org/name "
                "(openai/clip-vit-base-patch32), hf-hub:org/name, or open_clip's "
                "architecture/tag (ViT-B-32/laion2b_s34b_b79k)",
                ErrorCode::kNotFound);
  }
  name.kind = ModelName::Kind::kRepository;
  name.repository = std::string(rest);
  name.open_clip = by_hub;
  return name;
}

}  // namespace whyclip
