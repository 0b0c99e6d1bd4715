#pragma once

#include <span>
#include <string_view>

namespace whyclip {

/// A pretrained model of open_clip's registry.
struct PretrainedModel {
  std::string_view architecture;  ///< "ViT-B-32"
  std::string_view tag;           ///< "laion2b_s34b_b79k"
  std::string_view repository;    ///< on the hub: "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
};

/// A single file with an address of its own.
struct PretrainedFile {
  std::string_view name;     ///< "ViT-B/32", as OpenAI's clip.load takes it
  std::string_view address;  ///< ends with the file's name
  std::string_view sha256;   ///< all of the checksum, or its first digits
};

/// The registry of open_clip 3.3, by architecture.
/// Source: https://github.com/mlfoundations/open_clip/blob/v3.3.0/src/open_clip/pretrained.py
std::span<const PretrainedModel> pretrained_models();

/// The files that have no repository: those of OpenAI's clip under their names there, and of
/// open_clip as "ARCHITECTURE/TAG".
/// Source: https://github.com/openai/CLIP/blob/main/clip/clip.py (_MODELS)
std::span<const PretrainedFile> pretrained_files();

}  // namespace whyclip
