#pragma once
// errno -> ErrorKind, by what was being done when it struck.

#include "base/error_kind.hpp"

namespace loadgen::engine {

/// Of socket() and connect().
ErrorKind connect_error(int error) noexcept;
/// Of send() and recv() on an established connection. answered: some byte of the response had come.
ErrorKind transfer_error(int error, bool answered) noexcept;

}  // namespace loadgen::engine
