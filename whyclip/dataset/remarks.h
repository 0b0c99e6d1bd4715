#pragma once

// Not part of the public interface.

#include <string>
#include <string_view>
#include <vector>

#include "whyclip/dataset/dataset.h"

namespace whyclip::detail {

/// The remarks on a set: entries of the same kind are counted together.
class Remarks {
 public:
  /// One more entry of the kind `what`; `where` names it and its value.
  void add(std::string_view what, std::string where);
  /// The same for an entry that is a whole image.
  void add_image(std::string_view what, std::string where);
  void append(const Remarks& others);
  const std::vector<DatasetRemark>& all() const { return remarks_; }

 private:
  DatasetRemark& remark_of(std::string_view what, bool images);

  std::vector<DatasetRemark> remarks_;
};

}  // namespace whyclip::detail
