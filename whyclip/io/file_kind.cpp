#include "whyclip/io/file_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "whyclip/core/utf8.h"

namespace whyclip {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kConvert =
    "convert it to PNG first, for example with ImageMagick: magick IN OUT.png";
constexpr std::string_view kExport = "export it as PNG first";
constexpr std::string_view kFrame = "save one frame of it as PNG first";
constexpr std::string_view kUnpack = "unpack it first";
constexpr std::string_view kOther = "name another file";
constexpr std::string_view kFetch =
    "the file itself was not downloaded; run `git lfs pull` in its repository, or download it "
    "again";
constexpr std::string_view kAgain =
    "the download saved it in place of the file; check the address and the access rights, and "
    "download it again";
constexpr std::string_view kBinary =
    "a program treated it as text; copy or download it again as binary";

struct Signature {
  std::size_t at = 0;
  std::string_view bytes;
  std::string_view name;
  std::string_view advice;
};

constexpr Signature kSignatures[] = {
    {0, "GIF8"sv, "a GIF", kConvert},
    {0, "II*\0"sv, "a TIFF or camera raw file", kConvert},
    {0, "MM\0*"sv, "a TIFF or camera raw file", kConvert},
    {0, "II+\0"sv, "a TIFF (BigTIFF)", kConvert},
    {0, "MM\0+"sv, "a TIFF (BigTIFF)", kConvert},
    {0, "\0\0\0\x0cJXL \r\n\x87\n"sv, "a JPEG XL", kConvert},
    {0, "\xff\x0a"sv, "a JPEG XL", kConvert},
    {0, "\0\0\0\x0cjP  \r\n\x87\n"sv, "a JPEG 2000", kConvert},
    {0, "\xff\x4f\xff\x51"sv, "a JPEG 2000", kConvert},
    {0, "II\xbc"sv, "a JPEG XR", kConvert},
    {0, "FUJIFILMCCD-RAW"sv, "a camera raw file", kConvert},
    {0, "\0\0\1\0"sv, "an ICO (icon)", kConvert},
    {0, "\0\0\2\0"sv, "a CUR (cursor)", kConvert},
    {0, "icns"sv, "an ICNS (Apple icon)", kConvert},
    {0, "8BPS"sv, "a PSD (Photoshop)", kExport},
    {0, "gimp xcf"sv, "an XCF (GIMP)", kExport},
    {0, "%PDF-"sv, "a PDF", kExport},
    {0, "%!PS"sv, "a PostScript file", kExport},
    {0, "\xc5\xd0\xd3\xc6"sv, "an EPS (PostScript) file", kExport},
    {0, "AT&TFORM"sv, "a DjVu", kExport},
    {0, "v/1\1"sv, "an OpenEXR", kConvert},
    {0, "#?RADIANCE"sv, "a Radiance HDR", kConvert},
    {0, "#?RGBE"sv, "a Radiance HDR", kConvert},
    {0, "DDS "sv, "a DDS texture", kConvert},
    {0, "qoif"sv, "a QOI", kConvert},
    {0, "BPG\xfb"sv, "a BPG", kConvert},
    {0, "FLIF"sv, "a FLIF", kConvert},
    {0, "farbfeld"sv, "a farbfeld image", kConvert},
    {0, "\x8aMNG\r\n\x1a\n"sv, "an MNG", kConvert},
    {0, "\x8bJNG\r\n\x1a\n"sv, "a JNG", kConvert},
    {0, "SIMPLE  ="sv, "a FITS", kConvert},
    {128, "DICM"sv, "a DICOM file", kConvert},
    {0, "/* XPM */"sv, "an XPM", kConvert},
    {8, "AVI "sv, "a video (AVI)", kFrame},
    {8, "WAVE"sv, "a sound file (WAV)", kOther},
    {0, "\x1a\x45\xdf\xa3"sv, "a video (Matroska or WebM)", kFrame},
    {0, "\0\0\1\xba"sv, "a video (MPEG)", kFrame},
    {0, "\0\0\1\xb3"sv, "a video (MPEG)", kFrame},
    {0, "FLV\1"sv, "a video (FLV)", kFrame},
    {0, "OggS"sv, "an Ogg sound or video file", kFrame},
    {0, "ID3"sv, "a sound file (MP3)", kOther},
    {0, "fLaC"sv, "a sound file (FLAC)", kOther},
    {0, "PK\3\4"sv,
     "a zip archive (also the format of PyTorch checkpoints, .npz and office documents)", kUnpack},
    {0, "PK\5\6"sv, "an empty zip archive", kOther},
    {0, "\x1f\x8b"sv, "a gzip file", "unpack it first, for example with gunzip"},
    {0, "BZh"sv, "a bzip2 file", kUnpack},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     "an xz file", kUnpack},
    {0, "\x28\xb5\x2f\xfd"sv, "a Zstandard file", kUnpack},
    {0, "\x04\x22\x4d\x18"sv, "an LZ4 file", kUnpack},
    {0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive", kUnpack},
    {0, "Rar!\x1a\7"sv, "a RAR archive", kUnpack},
    {257, "ustar"sv, "a tar archive", kUnpack},
    {0, "\x93NUMPY"sv, "a NumPy array (.npy)", kOther},
    {0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file", kOther},
    {0, "GGUF"sv, "a GGUF checkpoint", "take the safetensors checkpoint of the model"},
    {0,
     "\x7f"
     "ELF"sv,
     "a program (ELF)", kOther},
    {0, "SQLite format 3"sv, "an SQLite database", kOther},
    {0, "\0\5\x16\7"sv,
     "an AppleDouble file (the attributes that macOS writes beside a file as ._NAME)",
     "name the file without the ._"},
    {0, "\x89PNG"sv, "a PNG that was changed as if it were text", kBinary},
    {0, "\xef\xbf\xbdPNG"sv, "a PNG that was changed as if it were text", kBinary},
    {0, "\xef\xbf\xbd\xef\xbf\xbd"sv, "a binary file that was changed as if it were text", kBinary},
    {0, "version https://git-lfs.github.com/spec/"sv, "a git-lfs pointer", kFetch},
    {0, "version https://hawser.github.com/spec/"sv, "a git-lfs pointer", kFetch},
    {0, "# xet version"sv, "a Xet pointer (Hugging Face)",
     "the file itself was not downloaded; download it again with `hf download`"},
    {0, "/annex/objects/"sv, "a git-annex pointer",
     "the file itself was not downloaded; run `git annex get` in its repository"},
    {0, "[InternetShortcut]"sv, "a shortcut to a web address (.url)", kAgain},
    {0, "data:"sv, "a data URI", "decode its base64 text into a file first"},
};

bool has(std::string_view file, std::size_t at, std::string_view bytes) {
  return file.size() >= at + bytes.size() && file.substr(at, bytes.size()) == bytes;
}

/// The first bytes in lower case, without byte order mark and leading blanks.
std::string text_start(std::string_view file) {
  constexpr std::size_t kMost = 4096;
  if (file.starts_with("\xef\xbb\xbf")) file.remove_prefix(3);
  const std::size_t start = file.find_first_not_of(" \t\r\n");
  if (start == file.npos) return {};
  std::string text(file.substr(start, kMost));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Returns whether the first bytes are UTF-8 without control characters.
bool is_text(std::string_view file) {
  const std::string_view start = cut_at_character(file, 512);
  for (std::size_t at = 0; at < start.size();) {
    const std::optional<char32_t> code = next_code_point(start, at);
    if (!code || (*code < 0x20 && std::isspace(int(*code)) == 0)) return false;
  }
  return true;
}

/// Skips blanks, comments and declarations before the first element of a markup text.
std::string_view first_element(std::string_view text) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    std::string_view end;
    if (text.starts_with("<!--")) {
      end = "-->";
    } else if (text.starts_with("<?") || text.starts_with("<!")) {
      end = ">";
    } else {
      return text;
    }
    const std::size_t found = text.find(end);
    if (found == text.npos) return {};
    text.remove_prefix(found + end.size());
  }
}

std::optional<FileKind> recognise_markup(std::string_view file) {
  const std::string text = text_start(file);
  if (!text.starts_with('<')) return std::nullopt;
  const std::string_view element = first_element(text);
  if (element.starts_with("<svg") || element.starts_with("<svg:svg") ||
      text.starts_with("<!doctype svg")) {
    return FileKind{"an SVG", std::string(kExport)};
  }
  constexpr std::array kHtml = {"<html"sv, "<head"sv, "<body"sv, "<title"sv, "<script"sv,
                                "<meta"sv, "<div"sv,  "<p>"sv,   "<h1"sv,    "<center"sv};
  const auto begins = [&](std::string_view tag) { return element.starts_with(tag); };
  if (text.find("<!doctype html") != text.npos || std::any_of(kHtml.begin(), kHtml.end(), begins)) {
    return FileKind{"a web page (HTML)", std::string(kAgain)};
  }
  if (text.starts_with("<?xml") || begins("<error")) {
    return FileKind{"an XML document, perhaps a server's error message", std::string(kAgain)};
  }
  return std::nullopt;
}

/// Recognises texts that a server or a program saves in place of a file.
std::optional<FileKind> recognise_text(std::string_view file) {
  if (!is_text(file)) return std::nullopt;
  constexpr std::string_view kMessage =
      "if it was downloaded, a server's message was saved in place of the file";
  const std::string_view line = file.substr(0, std::min(file.find_first_of("\r\n"), file.size()));
  const std::string text = text_start(file);
  if (text.empty()) return FileKind{"a file of whitespace", std::string(kOther)};
  if (text.starts_with('{') || text.starts_with('[')) {
    return FileKind{"a JSON document", std::string(kMessage)};
  }
  constexpr std::size_t kShown = 40;  // bytes
  const std::string_view shown = cut_at_character(line, kShown);
  return FileKind{
      fmt::format("a text that begins with “{}{}”", shown, shown.size() < line.size() ? "…" : ""),
      std::string(kMessage)};
}

/// Files of the ISO base media format have their brand after "ftyp", followed by compatible brands
/// (ISO/IEC 14496-12, section 4.3).
FileKind recognise_brand(std::string_view file) {
  const std::string_view brand = file.substr(8, 4), brands = file.substr(8, 64);
  if (brand == "avif" || brand == "avis") return {"an AVIF", std::string(kConvert)};
  if (brand == "crx ") return {"a camera raw file (CR3)", std::string(kConvert)};
  if (brand == "jp2 " || brand == "jpx ") return {"a JPEG 2000", std::string(kConvert)};
  const bool image = brand.starts_with("hei") || brand.starts_with("hev") || brand == "mif1" ||
                     brand == "msf1" || brand == "mif2";
  if (image && brand.starts_with("m") && brands.find("avif") != brands.npos) {
    return {"an AVIF", std::string(kConvert)};
  }
  if (image) return {"a HEIF (HEIC)", std::string(kConvert)};
  return {"a video (MP4 or QuickTime)", std::string(kFrame)};
}

/// Checks the length of the second header, because any text may begin with "BM".
bool is_bmp(std::string_view file) {
  constexpr std::array kHeaders = {12, 16, 40, 52, 56, 64, 108, 124};
  return has(file, 0, "BM") && file.size() > 17 && file[15] == 0 && file[16] == 0 &&
         std::find(kHeaders.begin(), kHeaders.end(), static_cast<unsigned char>(file[14])) !=
             kHeaders.end();
}

/// P1 … P7, PF and Pf (floating point): the netpbm formats.
bool is_netpbm(std::string_view file) {
  if (file.size() < 3 || file[0] != 'P' || std::isspace(static_cast<unsigned char>(file[2])) == 0) {
    return false;
  }
  return (file[1] >= '1' && file[1] <= '7') || file[1] == 'F' || file[1] == 'f';
}

bool is_safetensors(std::string_view file) {
  return file.size() > 8 && file[8] == '{' && file.substr(4, 4) == "\0\0\0\0"sv;
}

/// Python pickle, also the format of old PyTorch checkpoints.
bool is_pickle(std::string_view file) {
  return file.size() > 2 && file[0] == '\x80' && file[1] >= 2 && file[1] <= 5;
}

/// Skips a line that is the name of a Python module or of something in it.
bool skip_python_name(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos || end == 0 || std::isdigit(static_cast<unsigned char>(text[0])) != 0) {
    return false;
  }
  const auto good = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.'; };
  if (!std::all_of(text.begin(), text.begin() + std::ptrdiff_t(end), good)) return false;
  text.remove_prefix(end + 1);
  return true;
}

/// Stores an object for later: "p0\n" in protocol 0, "q" and a byte in protocol 1.
bool begins_with_put(std::string_view text) {
  if (text.size() < 2) return false;
  if (text[0] == 'q') return static_cast<unsigned char>(text[1]) < 0x20;
  const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
  return text[0] == 'p' && end > 1 && end < text.size() && text[end] == '\n';
}

/// Python pickle of protocol 0 or 1, which has no signature: a dictionary, a list or
/// something of a module. Reference: Python's Lib/pickletools.py
bool is_old_pickle(std::string_view file) {
  if (file.starts_with("(d") || file.starts_with("(l")) {
    return begins_with_put(file.substr(2));
  }
  if (file.starts_with('}') || file.starts_with(']')) return begins_with_put(file.substr(1));
  const bool marked = file.starts_with('(');
  std::string_view rest = file.substr(marked ? 1 : 0);
  if (!rest.starts_with('c') && !(marked && rest.starts_with('i'))) return false;
  rest.remove_prefix(1);
  for (int name = 0; name < 2; ++name) {  // of the module, and in it
    if (!skip_python_name(rest)) return false;
  }
  return begins_with_put(rest);
}

/// The first bytes of a zip archive and nothing else.
bool is_start_of_zip(std::string_view file) {
  return file.size() >= 2 && "PK\3\4"sv.starts_with(file);
}

}  // namespace

std::optional<FileKind> recognise_file(std::span<const std::byte> bytes) {
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (file.empty()) {
    return FileKind{"an empty file", "the download or copy failed; download or copy it again"};
  }
  if (has(file, 0, "\xff\xd8\xff") || has(file, 0, "\x89PNG\r\n\x1a\n") ||
      (has(file, 0, "RIFF") && has(file, 8, "WEBP"))) {
    return std::nullopt;
  }
  if (file.size() >= 12 && has(file, 4, "ftyp")) return recognise_brand(file);
  if (has(file, 4, "moov") || has(file, 4, "mdat")) {
    return FileKind{"a video (MP4 or QuickTime)", std::string(kFrame)};
  }
  if (is_bmp(file)) return FileKind{"a BMP", std::string(kConvert)};
  if (is_netpbm(file)) return FileKind{"a PPM, PGM or PBM (netpbm)", std::string(kConvert)};
  if (is_safetensors(file)) return FileKind{"a safetensors file", std::string(kOther)};
  if (is_start_of_zip(file)) {
    return FileKind{"a truncated zip archive",
                    "its download or copy was cut off; download or copy it again"};
  }
  for (const Signature& signature : kSignatures) {
    if (!has(file, signature.at, signature.bytes)) continue;
    return FileKind{std::string(signature.name), std::string(signature.advice)};
  }
  if (is_pickle(file)) {
    return FileKind{"a Python pickle (also the format of old PyTorch checkpoints)",
                    std::string(kOther)};
  }
  if (is_old_pickle(file)) {
    return FileKind{"a Python pickle that is not a PyTorch checkpoint", std::string(kOther)};
  }
  if (file.find_first_not_of('\0') == file.npos) {
    return FileKind{"a file of zero bytes only",
                    "its download or copy was cut off; download or copy it again"};
  }
  return recognise_markup(file);
}

std::string unexpected_kind(std::string_view expected, std::span<const std::byte> bytes) {
  std::optional<FileKind> kind = recognise_file(bytes);
  if (!kind) kind = recognise_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!kind) return {};
  return fmt::format("expected {}, got {}; {}", expected, kind->name, kind->advice);
}

}  // namespace whyclip
