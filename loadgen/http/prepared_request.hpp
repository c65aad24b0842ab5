#pragma once
// A request as bytes, made once before the run: sending is one write of a constant.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/checks.hpp"
#include "http/content_coding.hpp"
#include "http/header.hpp"

namespace loadgen::http {

struct RequestParts {
  std::string_view method;          ///< upper case
  std::string_view authority;       ///< for the Host header: "localhost:3000"
  std::string_view path_and_query;  ///< starts with '/'
  std::vector<Header> headers;      ///< a header of the plan replaces one of ours with the same name
  std::string_view body;
  std::string_view user_agent;  ///< empty: no such header
  bool keep_alive = true;
  ContentCodings accept_encoding = {};  ///< none: no such header
};

/// A piece of PreparedRequest::bytes. Offsets, so that a copy of the request stays whole.
struct Piece {
  std::uint32_t at = 0;
  std::uint32_t size = 0;
};

struct PreparedRequest {
  std::string bytes;
  Piece method;  ///< these four: for engines that are told the parts instead of sending the bytes
  Piece path_and_query;
  Piece headers;  ///< the lines, each with its CR LF, without the empty one after them
  Piece body;
  std::string authority;  ///< as in RequestParts, whatever the Host header says
  Checks checks;
  std::uint16_t target = 0;  ///< index into the engine's targets
  bool head = false;         ///< the response has no body whatever its headers say
  bool idempotent =
      true;  ///< may be sent once more on a new connection when a kept one turns out closed (RFC 9110 9.2.2)
  bool keep_alive = true;
  ContentCodings decodes = {};  ///< bodies of these codings are decoded, others are left as they come
  bool one_off = false;         ///< made while running, for one sending: what is made of it serves no other
  bool keeps_headers = false;   ///< where its response leads to and the cookies it sets are wanted (http/kept_headers)

  std::string_view text_of(Piece piece) const { return std::string_view(bytes).substr(piece.at, piece.size); }
};

/// The request's bytes and what follows from its method; checks and target are the caller's to set.
/// Names and values must already be free of control characters (config/ refuses them).
PreparedRequest prepare(const RequestParts& parts);

/// Header values that are known only while running; empty ones are no headers.
struct LateHeaders {
  std::string_view cookies;  ///< behind those of a Cookie header that there is already
  std::string_view authorization;
};
/// Makes a copy of a request, from which only these headers may differ, one with these headers. Takes no memory where
/// the copy had as much before.
void set_late_headers(PreparedRequest& copy, const PreparedRequest& of, const LateHeaders& late);

}  // namespace loadgen::http
