#include "whyclip/ops/embed_tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip {

EmbedTokens::EmbedTokens(std::shared_ptr<const Tensor> table, std::vector<std::int32_t> ids)
    : table_(std::move(table)), ids_(std::move(ids)) {
  for (const std::int32_t id : ids_) {
    if (id < 0 || id >= table_->rows()) {
      throw Error("text.tokens",
                  fmt::format("token id {} is outside the vocabulary of {}", id, table_->rows()));
    }
  }
}

Tensor EmbedTokens::forward(const Workspace& workspace, Inputs, std::vector<Tensor>*) const {
  Tensor result = workspace.tensor(std::int64_t(ids_.size()), table_->width());
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    std::copy_n(table_->row(ids_[i]).data(), table_->width(), result.row(std::int64_t(i)).data());
  }
  return result;
}

std::vector<Tensor> EmbedTokens::vjp(const Workspace&, const OpContext&, const Tensor&) const {
  return {};
}

Tensor EmbedTokens::frozen_jvp(const Workspace&, const OpContext&, Inputs) const { return {}; }

}  // namespace whyclip
