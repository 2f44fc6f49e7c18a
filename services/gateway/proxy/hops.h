// Which headers end at each hop (RFC 9110, section 7.6.1), and are passed on in neither direction. Pure.
#ifndef GATEWAY_PROXY_HOPS_H
#define GATEWAY_PROXY_HOPS_H

#include <stdbool.h>

// Whether a list as that of Connection or Upgrade has the token, in any case; list may be NULL.
bool hops_names(const char *list, const char *token);
// Whether the header ends here whatever Connection says.
bool hops_ends(const char *name);

#endif
