#include "engine/engines.hpp"

#include "engine/http_engine_impl.hpp"

namespace loadgen::engine {

template class HttpEngine<EpollTransport>;
template class HttpEngine<UringTransport>;
template class HttpEngine<CurlTransport>;
template class HttpEngine<TlsTransport<EpollTransport>>;
template class HttpEngine<Http2Transport<EpollTransport>>;
template class HttpEngine<Http2Transport<TlsTransport<EpollTransport>>>;

}  // namespace loadgen::engine
