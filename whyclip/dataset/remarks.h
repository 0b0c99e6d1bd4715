#pragma once

// Not part of the public interface.

#include <string>
#include <string_view>
#include <vector>

#include "whyclip/dataset/dataset.h"

namespace whyclip::detail {

/// The remarks on a data set, one per kind of entry.
class Remarks {
 public:
  /// Counts one more entry of a kind; `example` names the entry and its value.
  void add(std::string_view kind, std::string example);
  /// The same for an entry that is a whole image.
  void add_image(std::string_view kind, std::string example);
  void append(const Remarks& others);
  const std::vector<DatasetRemark>& all() const { return remarks_; }

 private:
  DatasetRemark& remark_of(std::string_view kind, bool images);

  std::vector<DatasetRemark> remarks_;
};

}  // namespace whyclip::detail
