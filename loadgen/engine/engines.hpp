#pragma once
// The engines there are, by name.

#include "engine/epoll_transport.hpp"
#include "engine/http_engine.hpp"
#include "engine/uring_transport.hpp"

namespace loadgen::engine {

using NativeEngine = HttpEngine<EpollTransport>;
using UringEngine = HttpEngine<UringTransport>;

extern template class HttpEngine<EpollTransport>;
extern template class HttpEngine<UringTransport>;

static_assert(Engine<NativeEngine>);
static_assert(Engine<UringEngine>);
static_assert(Transport<EpollTransport, NativeEngine>);
static_assert(Transport<UringTransport, UringEngine>);

}  // namespace loadgen::engine
