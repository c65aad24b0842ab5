#pragma once
// HdrHistogram's own encoding of a histogram (V2, big-endian, counts as ZigZag LEB128), so that upstream's tools read
// what was measured here, and what they wrote can be read here. Layout: AbstractHistogram.encodeIntoByteBuffer and
// encodeIntoCompressedByteBuffer of HdrHistogram 2.1.
//
//   u32 0x1c849313, i32 bytes of counts, i32 0, i32 significant digits, i64 lowest, i64 highest, f64 1.0, counts
//   u32 0x1c849314, i32 bytes of zlib stream, zlib stream of the above                       (base64: "HISTF...")

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "stats/histogram.hpp"

namespace loadgen::report {

/// The encoding without compression. Values above Histogram::kHighest count as that: none is left out. Of values below,
/// only their buckets remain: exact sum, minimum and maximum have no place in it.
std::string hdr_bytes(const stats::Histogram& histogram);
/// Compressed and in base64, as log files hold it.
std::string hdr_base64(const stats::Histogram& histogram);

/// Reads both encodings, of nanoseconds with 3 significant digits from 1 on (any highest value). What buckets do not
/// tell is filled in as upstream does: minimum and maximum are the ends of the outermost buckets, sums are of their
/// middles. The bytes may come from anybody: memory and time are bounded by the layout, whatever they claim.
Result<stats::Histogram> histogram_of_hdr_bytes(std::string_view bytes);
Result<stats::Histogram> histogram_of_hdr_base64(std::string_view text);

}  // namespace loadgen::report
