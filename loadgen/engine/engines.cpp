#include "engine/engines.hpp"

#include "engine/http_engine_impl.hpp"

namespace loadgen::engine {

template class HttpEngine<EpollTransport>;
template class HttpEngine<UringTransport>;
template class HttpEngine<CurlTransport>;
template class HttpEngine<TlsTransport<EpollTransport>>;

}  // namespace loadgen::engine
