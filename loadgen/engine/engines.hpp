#pragma once
// The engines there are, by name.

#include "engine/curl_transport.hpp"
#include "engine/epoll_transport.hpp"
#include "engine/http2_transport.hpp"
#include "engine/http_engine.hpp"
#include "engine/tls_transport.hpp"
#include "engine/uring_transport.hpp"

namespace loadgen::engine {

using NativeEngine = HttpEngine<EpollTransport>;
using UringEngine = HttpEngine<UringTransport>;
using CurlEngine = HttpEngine<CurlTransport>;
/// Where some target wants TLS: plans without one do not pay for the question.
using NativeTlsEngine = HttpEngine<TlsTransport<EpollTransport>>;
using Http2Engine = HttpEngine<Http2Transport<EpollTransport>>;
using Http2TlsEngine = HttpEngine<Http2Transport<TlsTransport<EpollTransport>>>;

extern template class HttpEngine<EpollTransport>;
extern template class HttpEngine<UringTransport>;
extern template class HttpEngine<CurlTransport>;
extern template class HttpEngine<TlsTransport<EpollTransport>>;
extern template class HttpEngine<Http2Transport<EpollTransport>>;
extern template class HttpEngine<Http2Transport<TlsTransport<EpollTransport>>>;

static_assert(Engine<NativeEngine>);
static_assert(Engine<UringEngine>);
static_assert(Engine<CurlEngine>);
static_assert(Engine<NativeTlsEngine>);
static_assert(Transport<EpollTransport, NativeEngine>);
static_assert(Transport<UringTransport, UringEngine>);
static_assert(Transport<CurlTransport, CurlEngine>);
static_assert(Transport<TlsTransport<EpollTransport>, NativeTlsEngine>);
static_assert(TlsSink<NativeTlsEngine>);
static_assert(Engine<Http2Engine>);
static_assert(Engine<Http2TlsEngine>);
static_assert(Transport<Http2Transport<EpollTransport>, Http2Engine>);
static_assert(Transport<Http2Transport<TlsTransport<EpollTransport>>, Http2TlsEngine>);

}  // namespace loadgen::engine
