#include "report/packing.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>

#define ZLIB_CONST  // its input is const
#include <zlib.h>

namespace loadgen::report {

std::string deflated(std::string_view bytes, Effort effort) {
  uLongf size = compressBound(bytes.size());
  std::string stream(size, '\0');
  // Cannot fail but for want of memory: there is room for the worst case.
  if (compress2(reinterpret_cast<Bytef*>(stream.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                bytes.size(), static_cast<int>(effort)) != Z_OK)
    throw std::bad_alloc();
  stream.resize(size);
  return stream;
}

Result<std::string> inflated(std::string_view stream, std::size_t most) {
  constexpr std::size_t kFirst = std::size_t{64} << 10;
  z_stream z{};
  if (inflateInit(&z) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&z, &inflateEnd);
  z.next_in = reinterpret_cast<const Bytef*>(stream.data());
  z.avail_in = static_cast<uInt>(std::min<std::size_t>(stream.size(), std::numeric_limits<uInt>::max()));
  std::string bytes;
  int result = Z_OK;
  while (result == Z_OK && bytes.size() < most) {
    // By what came out so far and not by what the stream might hold.
    const std::size_t had = bytes.size();
    bytes.resize(std::min(most, std::max(kFirst, 2 * had)));
    z.next_out = reinterpret_cast<Bytef*>(bytes.data() + had);
    z.avail_out = static_cast<uInt>(bytes.size() - had);
    result = inflate(&z, Z_NO_FLUSH);
    bytes.erase(bytes.size() - z.avail_out);
  }
  if (result == Z_STREAM_END) return bytes;
  if (result == Z_OK) return Error{"its compressed part holds more than it can"};
  return Error{"its compressed part is damaged"};
}

}  // namespace loadgen::report
