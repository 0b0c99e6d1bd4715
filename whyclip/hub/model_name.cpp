#include "whyclip/hub/model_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/hub/pretrained.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOpenClipVersion = "3.3";     // of the registry
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

/// How many characters have to be inserted, removed or replaced to make one text the other.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);  // from the first characters of a to each start of b
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

/// The tags that resemble a wrong one: "the nearest of its tags: a, b; it has 12 others".
std::string nearest_in_words(std::string_view tag, std::vector<std::string_view> tags) {
  constexpr std::size_t kShown = 5, kLongest = 100;
  const std::string_view start = tag.substr(0, kLongest);
  // A tag that begins with what was written is near, however long it is.
  const auto distance = [&](std::string_view other) {
    return other.starts_with(start) ? 0 : edits_between(start, other);
  };
  std::ranges::stable_sort(tags, {}, distance);
  const std::size_t others = tags.size() - std::min(kShown, tags.size());
  tags.resize(tags.size() - others);
  if (others == 0) return fmt::format("expected {}", fmt::join(tags, ", "));
  return fmt::format("the nearest of its tags: {}; it has {} other{}", fmt::join(tags, ", "),
                     others, others == 1 ? "" : "s");
}

/// "ViT" of "ViT-B-32", "RN" of "RN50".
std::string_view first_word(std::string_view architecture) {
  return architecture.substr(0, architecture.find_first_of("-_0123456789"));
}

/// A remark if an organisation looks like an architecture of open_clip that does not exist.
std::string doubt_about(std::string_view repository) {
  const std::string_view owner = repository.substr(0, repository.find('/'));
  const std::string_view word = first_word(owner);
  if (word.size() == owner.size()) return {};
  const auto begins_so = [&](const PretrainedModel& model) {
    return first_word(model.architecture) == word;
  };
  if (std::ranges::none_of(pretrained_models(), begins_so)) return {};
  return fmt::format("open_clip {} has no architecture {} with a tag {}", kOpenClipVersion, owner,
                     repository.substr(owner.size() + 1));
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
              fmt::format("open_clip's {} has no pretrained tag \"{}\"; {}", architecture, tag,
                          nearest_in_words(tag, std::move(tags))),
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
  if (!by_hub) name.doubt = doubt_about(rest);
  name.open_clip = by_hub;
  return name;
}

}  // namespace whyclip
