// The network that an address belongs to, for counting people rather than addresses. Pure.
#ifndef LIB_NET_NETWORK_H
#define LIB_NET_NETWORK_H

enum { NETWORK_TEXT = 46 };

// The first address of the network: the address with all but its first bits cleared; IPv4 and IPv6 have their
// own number of bits. A text that is no address is returned unchanged, cut to fit.
void network_of(char out[NETWORK_TEXT], const char *address, unsigned v4_bits, unsigned v6_bits);
// One household has an IPv4 address or the 2^64 addresses of an IPv6 network.
void network_household(char out[NETWORK_TEXT], const char *address);

#endif
