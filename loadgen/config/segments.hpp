#pragma once
// The elements of "arrivals": how each is written, and which load::Segments it stands for.

#include "config/keys.hpp"

namespace loadgen::config {

/// Fills group.arrivals from its drafts, and tells what no schedule can be made of.
void expand_segments(Reader& reader, GroupDraft& group);

}  // namespace loadgen::config
