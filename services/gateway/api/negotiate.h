// What client and server agree on by headers: media types, encodings, validators. Pure.
#ifndef GATEWAY_API_NEGOTIATE_H
#define GATEWAY_API_NEGOTIATE_H

#include <stdbool.h>
#include <stddef.h>

enum media { MEDIA_NONE, MEDIA_JSON, MEDIA_PROTOBUF, MEDIA_GRAPHQL, MEDIA_EVENTS };

// The better of the two by an Accept header; JSON when both are equal or the header is NULL; NONE when
// neither is accepted.
enum media negotiate_accept(const char *accept);
// The same of answers of GraphQL: GRAPHQL (application/graphql-response+json) where it is named and JSON is
// not preferred; EVENTS (text/event-stream) where that is preferred to both.
enum media negotiate_graphql(const char *accept);
bool negotiate_html(const char *accept); // whether it names HTML and prefers it to JSON, as browsers do
// The type of a body; NONE when it is neither, or JSON in a charset other than UTF-8.
enum media negotiate_content_type(const char *content_type);
// Whether bytes may be sent raw: their type is in the list, which ends with NULL, or is octet-stream.
bool negotiate_is_one_of(const char *content_type, const char *const *types);
bool negotiate_gzip(const char *accept_encoding);   // whether it is as welcome as plain bytes, or more
bool negotiate_brotli(const char *accept_encoding); // the same, and as gzip
// Whether an If-None-Match header names the entity tag, compared weakly.
bool negotiate_matches(const char *if_none_match, const char *etag);

#endif
